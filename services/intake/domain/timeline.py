"""What a case's timeline says of each thing that happened, in plain English."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.clock import LONDON


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline: who did what when, and the trace it was done in."""

    at: datetime
    service: str
    what: str
    text: str
    facts: Mapping[str, Any]
    trace_id: str | None = None


_OCCASIONS = {
    "notification": "the notification arrived",
    "due-soon": "a deadline is near",
    "overdue": "a deadline has passed",
}

_AUDIENCES = {
    "link-inspector": "The link inspector",
    "support-team": "The support team",
    "chief-inspector": "The chief inspector",
}

_DATES = {
    "occurred_at": "when it happened",
    "aware_at": "when the service became aware",
    "received_at": "when the notification was received",
    "ratified_at": "when the review was ratified",
    "decided_at": "when it was decided",
    "submitted_at": "when a report was handed in",
}


def clock_text(what: str, facts: Mapping[str, Any]) -> str:
    """The sentence for something that happened to a clock."""
    if what in _DONE:
        return _DONE[what](_obligation(facts), facts)
    obligation, rule = _obligation(facts), facts.get("rule", "")
    met = "late" if facts.get("late") else "in time"
    sentences = {
        "clock.started": f"The clock {rule} for the {obligation} started; it {_due(facts)}.",
        "clock.due-soon": f"The {obligation} is due soon under {rule}.",
        "clock.overdue": f"The {obligation} is overdue under {rule}.",
        "clock.met": f"The {obligation} was {met} under {rule}.",
        "clock.cancelled": f"The clock {rule} for the {obligation} ended {_by(facts)}.",
        "clock.reopened": f"The clock {rule} for the {obligation} runs again {_by(facts)}.",
    }
    return sentences[what]


def correction_text(field: str, before: datetime | None, after: datetime) -> str:
    """The sentence for a date that was put right."""
    was = f" from {_moment(before)}" if before else ""
    return f"The date {_DATES.get(field, field)} was corrected{was} to {_moment(after)}."


def told_text(facts: Mapping[str, Any]) -> str:
    """The sentence for a mail that was sent."""
    who = _AUDIENCES.get(str(facts.get("role")), "The support team")
    if facts.get("role") == "link-inspector" and not facts.get("person"):
        who = "As nobody is link inspector, the support team"
    occasion = _OCCASIONS.get(str(facts.get("about")), "something happened")
    return f"{who} was told by mail that {occasion}."


def _by(facts: Mapping[str, Any]) -> str:
    of_case = {"withdrawn", "closed", "reopened"}
    return "with its case" if facts.get("decision") in of_case else "by a decision"


def _obligation(facts: Mapping[str, Any]) -> str:
    name = str(facts.get("obligation", "obligation"))
    return "notification" if name == "notify" else name.replace("-", " ")


def _due(facts: Mapping[str, Any]) -> str:
    if not facts.get("due_at"):
        return "has no date"
    due = datetime.fromisoformat(str(facts["due_at"])).astimezone(LONDON)
    if due.time() == time.min:
        # Midnight is where the last day ends: people are shown the day that it closes.
        return f"is due by the end of {_date(due.date() - timedelta(days=1))}"
    return f"is due at {due:%H:%M} on {_date(due.date())}"


_BECAUSE = {
    "date-corrected": "a date was corrected",
    "calendar-corrected": "a calendar was corrected",
    "extended": "it was extended",
    "paused": "it was paused",
    "resumed": "its pause ended",
    "act-withdrawn": "an act was undone",
    "regime-declared": "an emergency regime was declared",
    "regime-ended": "an emergency regime has another end",
    "regime-withdrawn": "an emergency regime was withdrawn",
    "rebased": "the case counts by another version of the rules",
}


def _moved(facts: Mapping[str, Any]) -> str:
    why = _BECAUSE.get(str(facts.get("because")), "something changed")
    if facts.get("due_at") == facts.get("due_at_before"):
        state = str(facts.get("state", "")).replace("_", " ")
        return f"is {state} now, because {why}"
    before = _due({"due_at": facts.get("due_at_before")})
    was = before.replace("is due", "was due").replace("has no", "had no")
    return f"{_due(facts)}, because {why}; before, it {was}"


def _recomputed(obligation: str, facts: Mapping[str, Any]) -> str:
    return f"The {obligation} under {facts.get('rule', '')} {_moved(facts)}."


def _extended(obligation: str, facts: Mapping[str, Any]) -> str:
    return f"The {obligation} was given more time: {_units(facts)}."


def _paused_text(obligation: str, facts: Mapping[str, Any]) -> str:
    return f"The clock for the {obligation} was paused from {_paused(facts)}."


def _resumed(obligation: str, facts: Mapping[str, Any]) -> str:
    return f"The pause of the {obligation} ended: it counts from {_day(facts.get('ends'))}."


def _undone(obligation: str, facts: Mapping[str, Any]) -> str:
    return f"What was done to the {obligation} ({_what(facts)}) was undone."


def _rebased(_: str, facts: Mapping[str, Any]) -> str:
    before, after = facts.get("version_before"), facts.get("version")
    return f"The case was moved from version {before} of the rules to version {after}."


_DONE = {
    "case.rebased": _rebased,
    "clock.recomputed": _recomputed,
    "clock.extended": _extended,
    "clock.paused": _paused_text,
    "clock.resumed": _resumed,
    "act.withdrawn": _undone,
}


def _units(facts: Mapping[str, Any]) -> str:
    return f"{facts.get('amount')} {str(facts.get('unit', '')).replace('_', ' ')}"


def _paused(facts: Mapping[str, Any]) -> str:
    starts, ends = _day(facts.get("starts")), facts.get("ends")
    return f"{starts} until the start of {_day(ends)}" if ends else f"{starts}, with no end yet"


def _what(facts: Mapping[str, Any]) -> str:
    said = {"extended": "an extension", "paused": "a pause", "resumed": "the end of a pause"}
    return said.get(str(facts.get("what")), "an act")


def _day(text: Any) -> str:
    return _date(date.fromisoformat(str(text)))


def _moment(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local:%H:%M} on {_date(local.date())}"


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
