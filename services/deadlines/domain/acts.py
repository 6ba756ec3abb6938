"""What people do to clocks: extend, pause, resume, and withdraw any of these again.

An act is never changed. What a case's clocks count with is derived from all acts on it, so the
order in which they were recorded makes no difference.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.deadlines.domain.facts import Extension, Pause


class What(StrEnum):
    """What an act does."""

    EXTENDED = "extended"
    PAUSED = "paused"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Act:
    """One act on one clock; it holds for every wording of the clock's obligation.

    `amount` is of an extension, `starts` and `ends` are of a pause, `ends` is of a resumption: the
    first local day that counts again. `about` is the act that is resumed or withdrawn.
    """

    id: str
    clock: str
    obligation: str
    what: What
    reason: str
    recorded_at: datetime
    recorded_by: str
    agreed_by: str | None = None
    amount: int | None = None
    starts: date | None = None
    ends: date | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class InEffect:
    """What all acts on one case come to."""

    pauses: tuple[Pause, ...]
    extensions: tuple[Extension, ...]


def in_effect(acts: Iterable[Act]) -> InEffect:
    """The pauses and extensions that were not withdrawn, in an order of their own."""
    standing = standing_acts(acts)
    resumed = {act.about: act.ends for act in standing if act.what is What.RESUMED}
    return InEffect(
        pauses=tuple(
            Pause(act.obligation, act.starts, resumed.get(act.id, act.ends))
            for act in standing
            if act.what is What.PAUSED and act.starts is not None
        ),
        extensions=tuple(
            Extension(act.obligation, act.amount)
            for act in standing
            if act.what is What.EXTENDED and act.amount is not None
        ),
    )


def standing_acts(acts: Iterable[Act]) -> list[Act]:
    """Those that nobody has withdrawn."""
    ordered = sorted(acts, key=lambda act: act.id)
    gone = {act.about for act in ordered if act.what is What.WITHDRAWN}
    return [act for act in ordered if act.id not in gone and act.what is not What.WITHDRAWN]
