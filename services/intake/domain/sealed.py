"""What of a notification is personal, and so is stored encrypted and leaves only by the API."""

from dataclasses import dataclass
from typing import Any

from services.intake.domain.notification import Notifier, Subject


@dataclass(frozen=True, slots=True)
class Personal:
    """The part of a notification that names people or tells their story."""

    notifier: Notifier
    subject: Subject | None
    details: dict[str, Any]
    late_reason: str | None = None
