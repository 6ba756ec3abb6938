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
    """A decision, `withdrawn` or `closed` ended the obligation."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.cancelled.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    decision: str


class ClockReopened(Event, frozen=True, kw_only=True):
    """A later decision, or `reopened`, brought a cancelled obligation back."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.reopened.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    decision: str


class PersonTold(Event, frozen=True, kw_only=True):
    """One mail went to whoever held the role for the area on that day.

    `about` is `notification`, `due-soon` or `overdue`, and `rung` names the reminder of the rule's
    ladder. `role` is whom it is for: `link-inspector`, `support-team` or `chief-inspector`.
    `person` is the directory's id of the person, null where a mailbox of the office was written
    to, as the support team's is where nobody is link inspector. Several have one `message_id`
    where somebody is told once a day.
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
    rung: str | None = None


class ClockRecomputed(Event, frozen=True, kw_only=True):
    """A corrected past or an act changed when something is due, or what became of it.

    `because` is `date-corrected`, `calendar-corrected`, `extended`, `paused`, `resumed`,
    `act-withdrawn`, `regime-declared`, `regime-ended`, `regime-withdrawn` or `rebased`; `act` is
    the id of whatever did it.
    """

    TYPE: ClassVar[str] = "scot.scrutiny.clock.recomputed.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    because: str
    due_at_before: Instant | None
    due_at: Instant | None
    due_on_before: date | None
    due_on: date | None
    state_before: str
    state: str
    act: str | None = None


class ClockExtended(Event, frozen=True, kw_only=True):
    """Somebody gave an obligation `amount` more of the rule's own `unit`."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.extended.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    act: str
    amount: int
    unit: str


class ClockPaused(Event, frozen=True, kw_only=True):
    """Local days from `starts` do not count, up to and not including `ends`, null while open."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.paused.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    act: str
    starts: date
    ends: date | None


class ClockResumed(Event, frozen=True, kw_only=True):
    """An open pause ended: `ends` is the first local day that counts again."""

    TYPE: ClassVar[str] = "scot.scrutiny.clock.resumed.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    act: str
    pause: str
    ends: date


class ActWithdrawn(Event, frozen=True, kw_only=True):
    """An extension, a pause or a resumption is as if it had never been; `act` is what did it."""

    TYPE: ClassVar[str] = "scot.scrutiny.act.withdrawn.v1"
    reference: str
    area: str
    clock: str
    rule: str
    obligation: str
    act: str
    withdrawn: str
    what: str


class CaseRebased(Event, frozen=True, kw_only=True):
    """A case that runs was moved to another version of the rules, for a reason."""

    TYPE: ClassVar[str] = "scot.scrutiny.case.rebased.v1"
    reference: str
    area: str
    version_before: str
    version: str
    act: str


class RegimeDeclared(Event, frozen=True, kw_only=True):
    """An emergency regime holds (key: its own id); empty `kinds` or `areas` mean all of them."""

    TYPE: ClassVar[str] = "scot.scrutiny.regime.declared.v1"
    regime: str
    kinds: list[str]
    areas: list[str]
    starts: date
    ends: date | None
    clocks_touched: int


class RegimeEnded(Event, frozen=True, kw_only=True):
    """An emergency regime has another last day than it had before; `ends` is not included."""

    TYPE: ClassVar[str] = "scot.scrutiny.regime.ended.v1"
    regime: str
    ends: date
    clocks_touched: int


class RegimeWithdrawn(Event, frozen=True, kw_only=True):
    """An emergency regime is as if it had never been declared."""

    TYPE: ClassVar[str] = "scot.scrutiny.regime.withdrawn.v1"
    regime: str
    clocks_touched: int
