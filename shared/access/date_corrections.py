"""Who may put which date of a case right.

What a notification tells, those who notify put right, and the office for them. When something was
received judges whether it came in time: that is for the office alone, and never for a notifier.
"""

from shared.access.principal import Principal, Role
from shared.errors import FieldError, NotAllowed

RECEIPTS = frozenset({"received_at", "submitted_at"})
TELLERS = frozenset({Role.NOTIFIER, Role.SUPPORT_OFFICER})
OFFICE = frozenset({Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR})
# Everybody who may put some date right.
CORRECTORS = TELLERS | OFFICE


def may_correct(person: Principal, field: str) -> bool:
    """Whether this person may put that date right."""
    if field in RECEIPTS:
        return person.has(*OFFICE) and not person.has(Role.NOTIFIER)
    return person.has(*TELLERS)


def require_corrector(person: Principal, field: str) -> None:
    """Refuse somebody who may not, and name who may."""
    if not may_correct(person, field):
        roles = ", ".join(sorted(OFFICE if field in RECEIPTS else TELLERS))
        rule = f"must be a date that you may put right; this one is for: {roles}"
        raise NotAllowed("You may not put this date right.", (FieldError("field", rule),))
