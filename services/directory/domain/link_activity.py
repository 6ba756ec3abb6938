"""What a link inspector did for an area, under one of the six key areas of link activity."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.errors import FieldError, Invalid


class KeyArea(StrEnum):
    """The six key areas of link activity."""

    PERFORMANCE_AND_QUALITY = "performance-and-quality"
    PUBLIC_PROTECTION = "public-protection"
    FACTORS_IN_OUTCOMES = "factors-in-outcomes"
    RISKS_TO_OUTCOMES = "risks-to-outcomes"
    GOOD_PRACTICE = "good-practice"
    CAPACITY_TO_IMPROVE = "capacity-to-improve"


MEANINGS = {
    KeyArea.PERFORMANCE_AND_QUALITY: "Monitoring social work performance and quality",
    KeyArea.PUBLIC_PROTECTION: "Monitoring public protection arrangements",
    KeyArea.FACTORS_IN_OUTCOMES: "Factors that support or hinder good outcomes",
    KeyArea.RISKS_TO_OUTCOMES: "Risks to positive outcomes and their potential impact",
    KeyArea.GOOD_PRACTICE: "Good practice, found and disseminated",
    KeyArea.CAPACITY_TO_IMPROVE: "Support for capacity to improve",
}
LONGEST_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class LinkActivity:
    """One entry; `recorded_by` is the sign-in subject of whoever wrote it."""

    id: str
    area: str
    key_area: KeyArea
    happened_on: date
    text: str
    recorded_by: str
    recorded_at: datetime


def check_activity(
    *, area_known: bool, key_area: str, happened_on: date, text: str, today: date
) -> KeyArea:
    """The key area meant, or every reason why the entry cannot be kept."""
    checks = (
        ("area", area_known, "is not a council area we know"),
        ("key_area", key_area in set(KeyArea), f"must be one of {', '.join(KeyArea)}"),
        ("happened_on", happened_on <= today, "must not be in the future"),
        ("text", 0 < len(text.strip()) <= LONGEST_TEXT, f"must be 1 to {LONGEST_TEXT} characters"),
    )
    errors = [FieldError(field, rule) for field, passes, rule in checks if not passes]
    if errors:
        raise Invalid(*errors)
    return KeyArea(key_area)
