"""What is written to whom: references and dates, and nothing about any person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from services.deadlines.domain import wording
from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.digest import Digest
from services.deadlines.domain.ladder import Audience, Reached, Side
from services.deadlines.domain.reminders import ladder_of
from services.deadlines.domain.rules import Unit
from services.deadlines.domain.states import State


class About(StrEnum):
    """What a mail is about."""

    NOTIFICATION = "notification"
    DUE_SOON = "due-soon"
    OVERDUE = "overdue"


class MailState(StrEnum):
    """What became of a mail; `collected` waits for a digest, `dropped` was no longer so."""

    OWED = "owed"
    SENT = "sent"
    COLLECTED = "collected"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Occasion:
    """One reason to write, once: a notification that came, or one rung of one clock's ladder."""

    about: About
    audience: Audience = Audience.LINK_INSPECTOR
    rule: str | None = None
    clock: str | None = None
    rung: str | None = None
    due_at: datetime | None = None

    def message_id(self, reference: str, domain: str) -> str:
        """The same for the same occasion of the same case, however often it is tried."""
        due = _compact(self.due_at) if self.due_at else None
        parts = [self.rung or self.about.value, self.rule, reference, due]
        return f"<{'.'.join(part for part in parts if part)}@{domain}>"

    def still_so(self, clocks: tuple[Clock, ...]) -> bool:
        """Whether it is still true: a reminder is not, once its clock stands still or moved."""
        if self.rung is None:
            return True
        return any(self._is_rung_of(clock) for clock in clocks if clock.rule.id == self.rule)

    def _is_rung_of(self, clock: Clock) -> bool:
        climbed = [rung.name for rung in ladder_of(clock) if rung.name == self.rung]
        return clock.due_at == self.due_at and bool(climbed)


def reminding(found: Reached, clock: Clock, clock_id: str) -> Occasion:
    """The occasion that a rung of a clock is."""
    rung = found.rung
    about = About.DUE_SOON if rung.side is Side.BEFORE else About.OVERDUE
    return Occasion(about, rung.to, clock.rule.id, clock_id, rung.name, clock.due_at)


def _compact(at: datetime) -> str:
    fraction = f".{at.microsecond:06}" if at.microsecond else ""
    return f"{at:%Y%m%dT%H%M%S}{fraction}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it has an address."""

    subject: str
    text: str


def write_letter(
    occasion: Occasion, case: Case, clocks: tuple[Clock, ...], area_name: str, link: str
) -> Letter:
    """The mail for an occasion, with the clocks as they stand when it is written."""
    mine = [clock for clock in clocks if clock.rule.id == occasion.rule]
    subject, opening = _news(occasion, case, area_name, mine)
    about = [
        f"Reference: {case.reference}",
        f"Area: {area_name} ({case.area})",
        f"Kind: {case.kind.replace('-', ' ')}",
    ]
    shown = mine or [clock for clock in clocks if clock.rule.governing]
    lines = [opening, "", *about, "", *map(_line, shown), "", f"Open it: {link}", "", _CLOSING]
    return Letter(subject, "\n".join(lines))


_CLOSING = (
    "This mail was sent by Strategic Scrutiny to whoever answers for the area. It holds no "
    "personal data; please keep it so when you answer or forward it."
)


def _news(occasion: Occasion, case: Case, area: str, mine: list[Clock]) -> tuple[str, str]:
    what = wording.obligation(mine[0].rule.obligation) if mine else "an obligation"
    if occasion.about is About.NOTIFICATION:
        subject = f"{case.reference}: notification received, {area}"
        return subject, f"A notification was received for {area}."
    if occasion.about is About.DUE_SOON and not _is_overdue(mine):
        subject = f"{case.reference}: {what} is due soon, {area}"
        return subject, f"This is a reminder that {what} is due soon."
    subject = f"{case.reference}: {what} is overdue, {area}"
    return subject, f"{what[0].upper()}{what[1:]} has not been received in time.{_why(occasion)}"


def _is_overdue(mine: list[Clock]) -> bool:
    # A reminder that comes late says what is so now.
    return any(clock.state is State.OVERDUE for clock in mine)


def _why(occasion: Occasion) -> str:
    if occasion.about is About.DUE_SOON:
        return " This reminder should have come before it was due."
    told = {
        Audience.SUPPORT_TEAM: " The support team is told because it is still missing.",
        Audience.CHIEF_INSPECTOR: " The chief inspector is told because it is still missing.",
    }
    return told.get(occasion.audience, "")


def _line(clock: Clock) -> str:
    what = wording.obligation(clock.rule.obligation)
    return f"- {what[0].upper()}{what[1:]}: {_due(clock)}; {_STATES[clock.state]}."


def _due(clock: Clock) -> str:
    due_at, due_on = clock.due_at, clock.counted.due_on
    if due_at is None or due_on is None:
        return "no due date"
    if clock.rule.unit is Unit.HOURS:
        return f"due before {wording.instant(due_at)}"
    return f"due by the end of {wording.long_date(due_on)}"


_STATES = {
    State.NOT_STARTED: "not started yet",
    State.OPEN: "open",
    State.DUE_SOON: "due soon",
    State.OVERDUE: "overdue",
    State.MET: "met in time",
    State.MET_LATE: "met, but late",
    State.PAUSED: "paused",
    State.CANCELLED: "cancelled by a decision",
    State.NO_LIMIT: "no time limit is set",
}


@dataclass(frozen=True, slots=True)
class OwedMail:
    """One mail that somebody has claimed to send."""

    message_id: str
    occasion: Occasion
    case: Case
    attempts: int
    traceparent: str | None
    created_at: datetime


class Told(NamedTuple):
    """One thing that a digest tells."""

    mail: OwedMail
    clocks: tuple[Clock, ...]
    area: str
    link: str


def write_digest(digest: Digest, told: Sequence[Told]) -> Letter:
    """One mail for all of them, in the order in which they came up."""
    things = "1 thing" if len(told) == 1 else f"{len(told)} things"
    subject = f"Strategic Scrutiny: {things} on {wording.long_date(digest.day)}"
    parts = [_part(one) for one in told]
    opening = f"{things} came up since your last mail."
    return Letter(subject, "\n".join([opening, *parts, "", _CLOSING]))


def _part(told: Told) -> str:
    mail, clocks = told.mail, told.clocks
    mine = [clock for clock in clocks if clock.rule.id == mail.occasion.rule]
    subject, _ = _news(mail.occasion, mail.case, told.area, mine)
    shown = mine or [clock for clock in clocks if clock.rule.governing]
    return "\n".join(["", subject, *map(_line, shown), f"Open it: {told.link}"])
