"""The facts of a case once a wrong date is put right: as if it had been told rightly at once."""

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from services.deadlines.domain.facts import Completion, Decision, Facts
from shared.errors import FieldError, Invalid

PLAIN = ("occurred_at", "aware_at", "received_at", "ratified_at")
# Of these there may be several: what one said before tells which it is.
DECIDED, SUBMITTED = "decided_at", "submitted_at"
Dated = TypeVar("Dated", Decision, Completion)


def corrected(facts: Facts, field: str, before: datetime | None, after: datetime) -> Facts:
    """The facts with `field` saying `after`; of decisions and reports, `before` says which one."""
    if field in PLAIN:
        return replace(facts, **{field: after})
    if field == DECIDED:
        return replace(facts, decisions=_redated(facts.decisions, before, after))
    if field == SUBMITTED:
        return replace(facts, completions=_redated(facts.completions, before, after))
    fields = (*PLAIN, DECIDED, SUBMITTED)
    raise Invalid(FieldError("field", f"must be one of: {', '.join(fields)}"))


def _redated(
    told: tuple[Dated, ...], before: datetime | None, after: datetime
) -> tuple[Dated, ...]:
    """The one that was dated so; of several, the one recorded first."""
    found = next((one for one in told if one.at == before), None)
    if found is None:
        rule = "must be when a decision of this case was made, or a report of it handed in"
        raise Invalid(FieldError("before", rule))
    place = told.index(found)
    return (*told[:place], replace(found, at=after), *told[place + 1 :])
