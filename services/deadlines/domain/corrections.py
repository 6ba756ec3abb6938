"""The facts of a case once a wrong date is put right: as if it had been told rightly at once."""

from dataclasses import replace
from datetime import datetime

from services.deadlines.domain.facts import Decision, Facts
from shared.errors import FieldError, Invalid

DECIDED = "decided_at"
PLAIN = ("occurred_at", "aware_at", "ratified_at")


def corrected(facts: Facts, field: str, before: datetime | None, after: datetime) -> Facts:
    """The facts with `field` saying `after`; of a decision's date, `before` says which decision."""
    if field in PLAIN:
        return replace(facts, **{field: after})
    if field == DECIDED:
        return replace(facts, decisions=_redated(facts.decisions, before, after))
    raise Invalid(FieldError("field", f"must be one of: {', '.join((*PLAIN, DECIDED))}"))


def _redated(
    decisions: tuple[Decision, ...], before: datetime | None, after: datetime
) -> tuple[Decision, ...]:
    """The decision that was dated so; of several, the one recorded first."""
    found = next((one for one in decisions if one.at == before), None)
    if found is None:
        raise Invalid(FieldError("before", "must be when a decision of this case was made"))
    place = decisions.index(found)
    return (*decisions[:place], Decision(found.decision, after), *decisions[place + 1 :])
