"""Rules as people read them: by duty, the governing wording first, gaps said to be gaps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.domain.date_names import DATES
from services.console.domain.letter import spoken

Rule = Mapping[str, Any]
NOT_KNOWN = "Not known"
_COMPLETED = "completed:"
_UNITS = {
    "hours": ("hour", "hours"),
    "calendar_days": ("calendar day", "calendar days"),
    "working_days": ("working day", "working days"),
    "months": ("month", "months"),
    "school_weeks": ("week outside school holidays", "weeks outside school holidays"),
}
_SURE = {
    "read": "Read on the official page.",
    "founding": "From the founding document of 2020, not from an official page.",
    "anchor-not-found": "The wording was read. From when it counts is not known: no official "
    "source was found that says so, and ours is an assumption.",
}
# What people call the parts of a rule, where two versions differ in them.
CHANGED_FIELDS = {
    "amount": "How many",
    "unit": "Of what",
    "anchor": "Counted from",
    "governing": "Governs",
    "standing": "How binding",
    "cancelled_by": "Ended by the decision",
    "only_if": "Runs only while it is decided",
    "certainty": "How sure it is",
    "warning": "Due soon",
    "reminders": "Reminders",
    "limits": "Limits of an inspector",
    "local": "What areas have set",
}


@dataclass(frozen=True, slots=True)
class RuleView:
    """One wording in words."""

    rule: Rule
    allows: str
    counts_from: str
    sure: str


@dataclass(frozen=True, slots=True)
class Duty:
    """What one kind of notification obliges to, in all official wordings of it."""

    obligation: str
    wordings: Sequence[RuleView]

    @property
    def conflict(self) -> bool:
        """Whether the wordings do not all say the same."""
        return len({(one.allows, one.counts_from) for one in self.wordings}) > 1


def duties_by_kind(rules: Iterable[Rule]) -> dict[str, list[Duty]]:
    """Every kind with its duties, in the order of the rules."""
    grouped: dict[str, dict[str, list[RuleView]]] = {}
    for rule in rules:
        of_kind = grouped.setdefault(rule["kind"], {})
        of_kind.setdefault(rule["obligation"], []).append(view_of_rule(rule))
    return {kind: [_duty(*one) for one in duties.items()] for kind, duties in grouped.items()}


def view_of_rule(rule: Rule) -> RuleView:
    """One of them."""
    sure = _SURE.get(rule["certainty"], NOT_KNOWN)
    return RuleView(rule, _allows(rule), _counts_from(rule["anchor"]), sure)


def _duty(obligation: str, wordings: Sequence[RuleView]) -> Duty:
    return Duty(obligation, sorted(wordings, key=lambda one: not one.rule["governing"]))


def _allows(rule: Rule) -> str:
    if rule["unit"] == "local":
        return "Set by each area"
    if rule["amount"] is None:
        return "No number of hours or days"
    one, several = _UNITS.get(rule["unit"], (spoken(rule["unit"]),) * 2)
    return f"{rule['amount']} {one if rule['amount'] == 1 else several}"


def _counts_from(anchor: str) -> str:
    before = anchor.removeprefix(_COMPLETED)
    if before != anchor:
        return f"When the {spoken(before)} was received"
    return DATES.get(anchor, spoken(anchor))
