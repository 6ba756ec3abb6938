"""What deadlines says has happened to the clocks of a case (key: the notification's id)."""

from datetime import date
from typing import ClassVar

from shared.events.envelope import Event, Instant


class ClockStarted(Event, frozen=True, kw_only=True):
    """A rule applies to the case; `due_at` is null where the rule gives no date."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.started.v1"
    reference: str
    area: str
    clock: str
    rule: str
    version: str
    obligation: str
    governing: bool
    state: str
    due_at: Instant | None = None
    due_on: date | None = None


class ClockDueSoon(Event, frozen=True, kw_only=True):
    """The warning window of a running clock was entered."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.due-soon.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    due_at: Instant


class ClockOverdue(Event, frozen=True, kw_only=True):
    """A clock ran out before its obligation was met."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.overdue.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    due_at: Instant


class ClockMet(Event, frozen=True, kw_only=True):
    """The obligation was completed; late when that was at or after `due_at`."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.met.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    late: bool
    completed_at: Instant


class ClockCancelled(Event, frozen=True, kw_only=True):
    """A decision ended the obligation."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.cancelled.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    decision: str


class ClockReopened(Event, frozen=True, kw_only=True):
    """A later decision brought a cancelled obligation back."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.reopened.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    decision: str


class PersonTold(Event, frozen=True, kw_only=True):
    """One mail went to whoever held the role for the area on that day.

    `about` is `notification`, `due-soon` or `overdue`; `person` is the directory's id of the
    person, null where nobody held the role and the support team's mailbox was written to.
    """

    TYPE: ClassVar[str] = "scot.scrutiny.person.told.v1"
    reference: str
    area: str
    about: str
    role: str
    person: str | None
    message_id: str
    told_at: Instant
    clock: str | None = None
