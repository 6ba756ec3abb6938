"""Clocks before and after something that would move them, or did: by how much, in words."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.console.domain.clock_view import due_words
from services.console.domain.letter import spoken

DISCUSS = "discuss"


@dataclass(frozen=True, slots=True)
class Move:
    """One clock as deadlines answers it; `before`, `after` and `by` are in words."""

    clock: Mapping[str, Any]
    before: str
    after: str
    by: str


def moves_of(lines: Iterable[Mapping[str, Any]]) -> list[Move]:
    """Each of them."""
    return [Move(line, _due(line, "before"), _due(line, "after"), _by(line)) for line in lines]


def shifts(moves: Iterable[Move]) -> Sequence[tuple[str, int]]:
    """How many move by how much, the most frequent first."""
    return Counter(move.by for move in moves).most_common()


def _due(line: Mapping[str, Any], when: str) -> str:
    if when == "before" and _is_new(line):
        return "no such clock"
    return due_words({"due_at": line[f"due_at_{when}"], "due_on": line[f"due_on_{when}"]})


def _is_new(line: Mapping[str, Any]) -> bool:
    return line["state_before"] in (None, "none") and line["due_at_before"] is None


def _by(line: Mapping[str, Any]) -> str:
    if _is_new(line):
        return "a new clock"
    before, after = line["due_at_before"], line["due_at_after"]
    if before is None and after is None:
        return _stands(line)
    if before is None or after is None:
        return "has a date" if before is None else "has no date"
    if before == after:
        return _stands(line)
    return _shift(line, datetime.fromisoformat(after) - datetime.fromisoformat(before))


def _shift(line: Mapping[str, Any], elapsed: timedelta) -> str:
    days = [line["due_on_before"], line["due_on_after"]]
    if None not in days and days[0] != days[1] and _whole_days(line):
        moved = (date.fromisoformat(days[1]) - date.fromisoformat(days[0])).days
        return _signed(_count(abs(moved), "day"), moved > 0)
    return _signed(_length(abs(elapsed)), elapsed > timedelta(0))


def _whole_days(line: Mapping[str, Any]) -> bool:
    """Whether both are due by the end of a day, and not at an hour of it."""
    return "by the end" in _due(line, "before") and "by the end" in _due(line, "after")


def _length(elapsed: timedelta) -> str:
    """`25 hours 30 minutes`."""
    hours, minutes = divmod(elapsed // timedelta(minutes=1), 60)
    parts = [_count(hours, "hour")] if hours else []
    return " ".join([*parts, _count(minutes, "minute")] if minutes or not hours else parts)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _signed(length: str, later: bool) -> str:
    return f"{length} {'later' if later else 'earlier'}"


def _stands(line: Mapping[str, Any]) -> str:
    """What else is different where the date is not."""
    if line["state_before"] != line["state_after"]:
        return f"{spoken(str(line['state_after']))}, before {spoken(str(line['state_before']))}"
    if line.get("breach_before") != line.get("breach_after"):
        return "discussed, not missed" if line.get("breach_after") == DISCUSS else "not excused"
    return "the same date"
