"""What is known about a case: instants, and local dates for pauses.

Facts are only ever added to; everything a clock says is derived from them again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

NOTIFY = "notify"
DECISIONS = ("learning-review", "no-learning-review")
ANCHORS = ("occurred_at", "aware_at", "received_at", "ratified_at", "decided_at")
# `completed:report` counts from when the stage before, the report, was received.
STAGE_BEFORE = "completed:"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a learning review is undertaken, as decided at an instant."""

    decision: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Completion:
    """What an obligation asks for was received at an instant."""

    obligation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """Local dates from `starts` up to, not including, `ends`; None while it lasts."""

    obligation: str
    starts: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class Extension:
    """Whole units of the rule's own kind, counted after its own amount."""

    obligation: str
    amount: int


@dataclass(frozen=True, slots=True)
class Regime:
    """An emergency that was declared for local dates from `starts` up to, not including, `ends`.

    `amounts` extend obligations that ran in it; a breach within it is discussed, not missed.
    """

    id: str
    name: str
    starts: date
    ends: date | None
    amounts: tuple[Extension, ...] = ()

    def extends(self, obligation: str) -> int:
        """By how many units of the rule's own kind; 0 where it only asks to discuss."""
        return sum(each.amount for each in self.amounts if each.obligation == obligation)


class Standing(StrEnum):
    """What was said of the case as a whole."""

    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Turn:
    """The case was withdrawn, closed or reopened at an instant."""

    standing: Standing
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """One case; in which order its pauses, extensions, regimes or completions come is no matter."""

    occurred_at: datetime
    aware_at: datetime
    received_at: datetime | None = None
    ratified_at: datetime | None = None
    decisions: tuple[Decision, ...] = ()
    completions: tuple[Completion, ...] = ()
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    regimes: tuple[Regime, ...] = ()
    turns: tuple[Turn, ...] = ()

    def anchor(self, name: str) -> datetime | None:
        """The instant a rule counts from; `decided_at` is the earliest decision's."""
        if name == "decided_at":
            return min((decision.at for decision in self.decisions), default=None)
        if name.startswith(STAGE_BEFORE):
            return self.completed_at(name.removeprefix(STAGE_BEFORE))
        return getattr(self, name)

    def completed_at(self, obligation: str) -> datetime | None:
        """The first completion counts; `notify` is completed by the notification itself."""
        if obligation == NOTIFY:
            return self.received_at
        made = (each.at for each in self.completions if each.obligation == obligation)
        return min(made, default=None)

    def pauses_of(self, obligation: str) -> tuple[Pause, ...]:
        """The pauses of one obligation, earliest first."""
        if not self.pauses:
            return ()
        mine = (pause for pause in self.pauses if pause.obligation == obligation)
        return tuple(sorted(mine, key=lambda pause: pause.starts))

    def extended_by(self, obligation: str) -> int:
        """The sum of the extensions of one obligation."""
        return sum(each.amount for each in self.extensions if each.obligation == obligation)

    def decision_held(self, as_at: datetime) -> Decision | None:
        """The latest decision at or before `as_at`; of two at one instant, the later listed."""
        held: Decision | None = None
        for decision in self.decisions:
            if decision.at <= as_at and (held is None or decision.at >= held.at):
                held = decision
        return held

    def turned(self, as_at: datetime) -> Turn | None:
        """The latest withdrawal, closing or reopening at or before `as_at`; last listed of two."""
        held: Turn | None = None
        for turn in self.turns:
            if turn.at <= as_at and (held is None or turn.at >= held.at):
                held = turn
        return held

    def instants(self) -> Iterator[datetime]:
        """Every instant that is known; pauses and regimes are local dates."""
        for one in (self.occurred_at, self.aware_at, self.received_at, self.ratified_at):
            if one is not None:
                yield one
        for told in (self.decisions, self.completions, self.turns):
            yield from (one.at for one in told)

    def with_turn(self, turn: Turn) -> "Facts":
        """These facts and one withdrawal, closing or reopening more."""
        return replace(self, turns=(*self.turns, turn))

    def with_decision(self, decision: Decision) -> "Facts":
        """These facts and one decision more."""
        return replace(self, decisions=(*self.decisions, decision))

    def with_completion(self, completion: Completion) -> "Facts":
        """These facts and one completion more."""
        return replace(self, completions=(*self.completions, completion))
