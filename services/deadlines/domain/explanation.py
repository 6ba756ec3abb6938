"""A clock in plain English: a paragraph that could be sent to a director of social work."""

from collections import Counter

from services.deadlines.domain import wording
from services.deadlines.domain.calendar import OF_AREA
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.count import Why
from services.deadlines.domain.facts import STAGE_BEFORE, Regime
from services.deadlines.domain.pauses import standstill
from services.deadlines.domain.rules import Certainty, Rule, Unit
from services.deadlines.domain.verdict import verdict
from shared.clock import london_date

_ANCHORS = {
    "occurred_at": "when it happened",
    "aware_at": "when the service became aware",
    "received_at": "when the notification was received",
    "ratified_at": "when the chief officers group ratified the review",
    "decided_at": "when the decision about a review was made",
}


def explain(clock: Clock) -> str:
    """The rule, its source, the anchor, what was skipped and why, and the answer."""
    parts = [_said(clock.rule), _held_then(clock), _counted_from(clock)]
    parts += _changed(clock)
    parts += [_skipped(clock), _holidays_known(clock), verdict(clock)]
    return " ".join(part for part in parts if part)


# What a rule says of itself, by the identity of the rule, which is kept beside it.
_rules_said: dict[int, tuple[Rule, str]] = {}
MOST_KEPT = 1000


def _said(rule: Rule) -> str:
    found = _rules_said.get(id(rule))
    if found is None:
        if len(_rules_said) >= MOST_KEPT:
            _rules_said.clear()
        found = (rule, " ".join(part for part in (_asked(rule), _sure(rule)) if part))
        _rules_said[id(rule)] = found
    return found[1]


def _asked(rule: Rule) -> str:
    wanted = wording.obligation(rule.obligation)
    source = f", see {rule.source}" if rule.source else ""
    return (
        f"{rule.instrument} ({rule.standing}; rule {rule.id}, version {rule.version}{source}) "
        f"asks for {wanted} {wording.allowed(rule)}, counted from {_from(rule.anchor)}."
        f"{_only_if(rule)}"
    )


def _from(anchor: str) -> str:
    before = anchor.removeprefix(STAGE_BEFORE)
    if before != anchor:
        return f"when {wording.obligation(before)} was received"
    return _ANCHORS[anchor]


def _only_if(rule: Rule) -> str:
    if rule.only_if is None:
        return ""
    return f" It runs only while the decision holds: {wording.decision(rule.only_if)}."


def _sure(rule: Rule) -> str:
    match rule.certainty:
        case Certainty.ANCHOR_NOT_FOUND:
            return "The source does not say from when it is counted; that part is our assumption."
        case Certainty.FOUNDING:
            return "This wording is from the founding document of 2020, not from an official page."
        case Certainty.READ:
            return ""


def _held_then(clock: Clock) -> str:
    validity = clock.rule.validity
    if validity.holds(london_date(clock.facts.occurred_at)):
        return ""
    why = f" ({validity.why})" if validity.why else ""
    return f"It was not in force on the day on which this happened{why}."


def _counted_from(clock: Clock) -> str:
    if clock.anchor_at is None:
        return "That moment has not been given yet."
    return f"That was at {wording.instant(clock.anchor_at)}, Scottish time."


def _changed(clock: Clock) -> list[str]:
    rule, facts = clock.rule, clock.facts
    if not rule.unit.has_number:
        return []
    sentences: list[str] = []
    if clock.extended:
        sentences += _extended(clock)
    sentences += map(_regime, clock.regimes)
    if facts.pauses:
        sentences.append(_paused(clock))
    return sentences


def _extended(clock: Clock) -> list[str]:
    rule = clock.rule
    total = wording.amount((rule.amount or 0) + clock.extended, rule.unit)
    given = {"": clock.facts.extended_by(rule.obligation)}
    given |= {
        f" by the emergency regime {regime.name}": regime.extends(rule.obligation)
        for regime in clock.regimes
    }
    parts = [f"by {wording.amount(more, rule.unit)}{by}" for by, more in given.items() if more]
    return [f"It was extended {wording.listed(parts)}, which makes {total}."]


def _regime(regime: Regime) -> str:
    ends = "with no end yet"
    if regime.ends is not None:
        ends = f"until the start of {wording.long_date(regime.ends)}"
    return (
        f"The emergency regime {regime.name} holds from {wording.long_date(regime.starts)} {ends}: "
        "what is late within it is discussed, not missed."
    )


def _paused(clock: Clock) -> str:
    paused = standstill(clock.facts.pauses_of(clock.rule.obligation))
    runs = [
        f"from {wording.long_date(starts)} until the start of {wording.long_date(ends)}"
        for starts, ends in paused.closed
    ]
    if paused.open_from is not None:
        runs.append(f"from {wording.long_date(paused.open_from)} with no end yet")
    return f"It was paused {wording.listed(runs)}; that time does not count." if runs else ""


def _skipped(clock: Clock) -> str:
    if not clock.counted.days:
        return ""
    if clock.rule.unit is Unit.SCHOOL_WEEKS:
        return _school(clock)
    if clock.rule.unit is not Unit.WORKING_DAYS:
        return "Weekends and holidays count like any other day."
    days = [day for day in clock.counted.days if day.why in {Why.WEEKEND, Why.HOLIDAY}]
    if not days:
        return "Every day in between was a working day."
    holidays = [
        f"{wording.short_date(day.date)} ({day.name})" for day in days if day.why is Why.HOLIDAY
    ]
    weekend = len(days) - len(holidays)
    parts = [f"{weekend} weekend day{'' if weekend == 1 else 's'}"] if weekend else []
    return f"Skipped as not worked: {wording.listed(parts + holidays)}."


def _school(clock: Clock) -> str:
    names = Counter(day.name for day in clock.counted.days if day.why is Why.SCHOOL_HOLIDAY)
    if not names:
        return "No day in between lay in the area's school holidays."
    skipped = [f"{days} in {name}" for name, days in names.items()]
    return f"Days in the area's school holidays were skipped: {wording.listed(skipped)}."


def _holidays_known(clock: Clock) -> str:
    calendar, days = clock.calendar, clock.counted.days
    if calendar is None or not days:
        return ""
    what = "School holidays" if clock.rule.unit is Unit.SCHOOL_WEEKS else "Working days"
    said = f"{what} follow calendar {calendar.id}, version {calendar.version}"
    if clock.rule.calendar == OF_AREA and not calendar.id.startswith("S12"):
        said += " (no calendar of the council area's own is held)"
    return f"{said}{_limits(clock)}."


def _limits(clock: Clock) -> str:
    calendar, days = clock.calendar, clock.counted.days
    if calendar is None:
        return ""
    if days[-1].date > calendar.known_until or days[0].date < calendar.known_from:
        years = f"{calendar.known_from.year} to {calendar.known_until.year}"
        return f"; it knows no holidays outside {years}, where only weekends are skipped"
    if days[-1].date > calendar.announced_until:
        return (
            f"; holidays after {calendar.announced_until.year} have not been announced and are "
            "projected from the usual pattern"
        )
    return ""
