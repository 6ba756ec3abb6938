"""Who is calling: their roles, and the areas whose cases exist for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.errors import NotAllowed, NotFound


class Role(StrEnum):
    """What a token may say somebody is; `service` is one of our own services."""

    NOTIFIER = "notifier"
    STRATEGIC_INSPECTOR = "strategic-inspector"
    SUPPORT_OFFICER = "support-officer"
    CHIEF_INSPECTOR = "chief-inspector"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    SERVICE = "service"


# Operators keep the system running and never see what a case says.
CASE_READERS = frozenset(Role) - {Role.OPERATOR}
# Without areas in their token, these see all of Scotland; everybody else sees none of it.
NATIONAL = frozenset({Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR, Role.AUDITOR, Role.SERVICE})

_ROLES = {role.value: role for role in Role}


@dataclass(frozen=True, slots=True)
class Principal:
    """One caller; `areas` is None for all of Scotland."""

    subject: str
    name: str
    roles: frozenset[Role]
    areas: frozenset[str] | None
    organisation: str | None = None

    def has(self, *roles: Role) -> bool:
        """Whether the caller has any of `roles`."""
        return not self.roles.isdisjoint(roles)

    def may_see(self, area: str) -> bool:
        """Whether what belongs to `area` exists for this caller."""
        return self.areas is None or area in self.areas

    def require_area(self, area: str, what: str = "thing") -> None:
        """Refuse in the very words that `what` is refused in where it does not exist."""
        if not self.may_see(area):
            raise NotFound(f"There is no such {what}.")

    def require_role(self, *roles: Role) -> None:
        """Refuse somebody who has none of `roles`; they are named in the refusal."""
        if not self.has(*roles):
            raise NotAllowed(f"This needs one of these roles: {', '.join(sorted(roles))}.")


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """The caller that verified claims describe; roles we do not know give no rights."""
    subject = claims["sub"]
    roles = frozenset(_ROLES[name] for name in _words(claims.get("roles")) if name in _ROLES)
    return Principal(
        subject=subject,
        name=_text(claims.get("name")) or subject,
        roles=roles,
        areas=_areas(claims.get("areas"), roles),
        organisation=_text(claims.get("organisation")),
    )


def _areas(claim: Any, roles: frozenset[Role]) -> frozenset[str] | None:
    if claim is None:
        return frozenset() if roles.isdisjoint(NATIONAL) else None
    return None if claim == "*" else frozenset(_words(claim))


def _words(claim: Any) -> Iterable[str]:
    return [word for word in claim if isinstance(word, str)] if isinstance(claim, list) else []


def _text(claim: Any) -> str | None:
    return claim if isinstance(claim, str) and claim else None
