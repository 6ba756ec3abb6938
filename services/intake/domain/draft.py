"""A notification that somebody has begun and not yet sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Draft:
    """What was saved so far: any part of a notification, held to no rule until it is submitted."""

    id: str
    owner: str
    notification: Mapping[str, Any]
    version: int
    saved_at: datetime

    def said(self, name: str) -> str | None:
        """One of its fields, if something readable stands there already."""
        value = self.notification.get(name)
        return value if isinstance(value, str) else None
