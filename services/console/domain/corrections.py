"""Dates that were put right, and what that did to the clocks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.console.domain.date_names import DATES
from services.console.domain.moves import Move, moves_of

CORRECTED = "corrected"
# Clocks are counted anew within seconds; after so long nothing more is to be expected.
SETTLED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Corrected:
    """One correction in words; `waiting` while clocks may still be counted anew."""

    act: Mapping[str, Any]
    label: str
    moves: Sequence[Move]
    waiting: bool


def corrections_of(note: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Every correction of the case, oldest first, with what its date is called."""
    return [(_label(act), act) for act in note["acts"] if act["what"] == CORRECTED]


def other_acts_of(note: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What else was done to the case: ratified, withdrawn, closed, reopened; oldest first."""
    return [act for act in note["acts"] if act["what"] != CORRECTED]


def corrected(
    act: Mapping[str, Any],
    histories: Iterable[tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]],
    now: datetime,
) -> Corrected:
    """What one correction moved: each clock of the case, with its own history."""
    lines = [{**clock, **turn} for clock, turns in histories for turn in turns if _by(act, turn)]
    recent = now - datetime.fromisoformat(act["recorded_at"]) < SETTLED_AFTER
    return Corrected(act, _label(act), moves_of(lines), recent and not lines)


def _by(act: Mapping[str, Any], turn: Mapping[str, Any]) -> bool:
    """Whether that line is of this correction: the same date, the same before and after."""
    facts = turn["facts"]
    same = all(_at(facts.get(name)) == _at(act[name]) for name in ("before", "after"))
    return turn["because"] == "date-corrected" and facts.get("field") == act["field"] and same


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _label(act: Mapping[str, Any]) -> str:
    return DATES.get(str(act["field"]), str(act["field"]))
