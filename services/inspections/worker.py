"""The background of inspections: its events go out, the directory's come in."""

from services.inspections.entrypoints.subscribers import subscribe
from services.inspections.settings import Settings
from services.inspections.storage.tables import PLUMBING
from shared.service import Core
from shared.worker import Worker


def build_worker(settings: Settings) -> Worker:
    """The relay, the listener and the housekeeping."""
    core = Core.of(settings, PLUMBING)
    subscribe(core.consumer)
    return core.worker()
