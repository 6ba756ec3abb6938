"""Organisations, and the areas each one covers between two dates."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.errors import FieldError, Invalid


class OrganisationKind(StrEnum):
    """What an organisation is."""

    LOCAL_AUTHORITY = "local-authority"
    HEALTH_BOARD = "health-board"
    PARTNERSHIP = "health-and-social-care-partnership"
    CHILD_PROTECTION = "child-protection-committee"
    ADULT_PROTECTION = "adult-protection-committee"
    COMMUNITY_JUSTICE = "community-justice-partnership"
    SCRUTINY_BODY = "scrutiny-body"
    EMPLOYER = "employer"


@dataclass(frozen=True, slots=True)
class Cover:
    """One area an organisation answers for on `[starts_on, ends_on)`; None is unbounded."""

    area: str
    starts_on: date | None = None
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the organisation answers for the area on that day."""
        begun = self.starts_on is None or self.starts_on <= day
        return begun and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation under its public code; it may cover several areas, or none."""

    code: str
    name: str
    kind: OrganisationKind
    covers: tuple[Cover, ...] = ()

    def covers_on(self, area: str, day: date) -> bool:
        """Whether it answers for `area` on that day."""
        return any(cover.area == area and cover.holds_on(day) for cover in self.covers)


def found_organisation(
    code: str, name: str, kind: str, covers: tuple[Cover, ...], known_areas: frozenset[str]
) -> Organisation:
    """An organisation as declared, or every reason why it cannot be one."""
    errors = [*_identity_errors(code, name, kind), *_cover_errors(covers, known_areas)]
    if errors:
        raise Invalid(*errors)
    return Organisation(code, name.strip(), OrganisationKind(kind), covers)


def _identity_errors(code: str, name: str, kind: str) -> list[FieldError]:
    checks = (
        ("code", code.strip() == code and 0 < len(code) <= 40, "must be 1 to 40 characters"),
        ("name", 0 < len(name.strip()) <= 200, "must be 1 to 200 characters"),
        ("kind", kind in set(OrganisationKind), f"must be one of {', '.join(OrganisationKind)}"),
    )
    return [FieldError(field, rule) for field, passes, rule in checks if not passes]


def _cover_errors(covers: tuple[Cover, ...], known_areas: frozenset[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, cover in enumerate(covers):
        if cover.area not in known_areas:
            errors.append(FieldError(f"covers[{index}].area", "is not a council area we know"))
        if cover.starts_on and cover.ends_on and cover.ends_on <= cover.starts_on:
            errors.append(FieldError(f"covers[{index}].ends_on", "must be after starts_on"))
    return errors
