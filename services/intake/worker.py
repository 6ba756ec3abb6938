"""Intake's background process: wiring only."""

from services.intake.core import intake_core
from services.intake.settings import Settings
from shared.worker import Worker


def build_worker(settings: Settings) -> Worker:
    """The relay of intake's outbox, and the listener for partners and deadlines."""
    return intake_core(settings).worker()
