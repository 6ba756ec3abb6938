"""What intake's HTTP process and its worker share."""

from services.intake.entrypoints.subscribers import subscribe
from services.intake.settings import Settings
from services.intake.storage.tables import PLUMBING
from shared.service import Core


def intake_core(settings: Settings) -> Core:
    """The database, the transactions on it, and every subscriber."""
    core = Core.of(settings, PLUMBING)
    subscribe(core.consumer, core.cipher, settings.partners)
    return core
