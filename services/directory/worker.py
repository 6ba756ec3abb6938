"""The background of directory: its events go out, and nothing comes in."""

from services.directory.settings import Settings
from services.directory.storage.tables import PLUMBING
from shared.service import Core
from shared.worker import Worker


def build_worker(settings: Settings) -> Worker:
    """The relay and the housekeeping."""
    return Core.of(settings, PLUMBING).worker()
