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


def clock_text(what: str, facts: Mapping[str, Any]) -> str:
    """The sentence for something that happened to a clock."""
    obligation, rule = _obligation(facts), facts.get("rule", "")
    met = "late" if facts.get("late") else "in time"
    sentences = {
        "clock.started": f"The clock {rule} for the {obligation} started; it {_due(facts)}.",
        "clock.due-soon": f"The {obligation} is due soon under {rule}.",
        "clock.overdue": f"The {obligation} is overdue under {rule}.",
        "clock.met": f"The {obligation} was {met} under {rule}.",
        "clock.cancelled": f"The clock {rule} for the {obligation} ended by a decision.",
        "clock.reopened": f"The clock {rule} for the {obligation} runs again by a decision.",
    }
    return sentences[what]


def told_text(facts: Mapping[str, Any]) -> str:
    """The sentence for a mail that was sent."""
    who = "The link inspector" if facts.get("person") else "The support team"
    occasion = _OCCASIONS.get(str(facts.get("about")), "something happened")
    return f"{who} was told by mail that {occasion}."


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


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
