"""Clocks before and after: by how much they move, in words people use."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.moves import moves_of, shifts

MARCH_10 = ("2026-03-11T00:00:00Z", "2026-03-10")
MARCH_24 = ("2026-03-25T00:00:00Z", "2026-03-24")
APRIL_6 = ("2026-04-06T23:00:00Z", "2026-04-06")
NOON = ("2026-03-10T12:00:00Z", "2026-03-10")
ONE = ("2026-03-10T13:00:00Z", "2026-03-10")
LATER = ("2026-03-11T14:30:00Z", "2026-03-11")
NONE = (None, None)


def line(before: tuple[Any, Any], after: tuple[Any, Any], **given: Any) -> dict[str, Any]:
    dates = {"due_at_before": before[0], "due_on_before": before[1]}
    dates |= {"due_at_after": after[0], "due_on_after": after[1]}
    return dates | {"state_before": "open", "state_after": "open"} | given


@pytest.mark.parametrize(
    ("told", "by"),
    [
        (line(MARCH_10, MARCH_24), "14 days later"),
        (line(MARCH_24, MARCH_10), "14 days earlier"),
        (line(MARCH_10, APRIL_6), "27 days later"),
        (line(NOON, ONE), "1 hour later"),
        (line(ONE, NOON), "1 hour earlier"),
        (line(NOON, LATER), "26 hours 30 minutes later"),
        (line(NONE, MARCH_10), "has a date"),
        (line(MARCH_10, NONE), "has no date"),
        (line(NONE, NONE, state_before=None), "a new clock"),
        (line(NONE, MARCH_10, state_before=None), "a new clock"),
        (line(NOON, NOON), "the same date"),
        (line(NOON, NOON, state_after="met_late"), "met late, before open"),
        (
            line(NOON, NOON, state_before="met_late", state_after="met", breach_before="missed"),
            "met, before met late",
        ),
        (line(NOON, NOON, breach_before="missed", breach_after="discuss"), "discussed, not missed"),
        (line(NOON, NOON, breach_before="discuss", breach_after="missed"), "not excused"),
    ],
)
def test_a_move_says_by_how_much(told: dict[str, Any], by: str) -> None:
    (move,) = moves_of([told])
    assert move.by == by


def test_before_and_after_are_said_as_people_say_dates() -> None:
    (moved, fresh) = moves_of([line(MARCH_10, APRIL_6), line(NONE, NOON, state_before=None)])
    assert (moved.before, moved.after) == (
        "by the end of 10 March 2026",
        "by the end of 6 April 2026",
    )
    assert (fresh.before, fresh.after) == ("no such clock", "by 12.00pm on 10 March 2026")


def test_moves_are_counted_by_how_far_they_go_the_most_frequent_first() -> None:
    moves = moves_of([line(NOON, ONE), line(MARCH_10, MARCH_24), line(MARCH_10, MARCH_24)])
    assert shifts(moves) == [("14 days later", 2), ("1 hour later", 1)]


INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DUE = INSTANTS.map(lambda at: (at.replace(second=0, microsecond=0).isoformat(), str(at.date())))


@given(DUE, DUE)
def test_a_way_back_is_as_long_as_the_way_there(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    there, back = moves_of([line(one, other), line(other, one)])
    turned = {"later": "earlier", "earlier": "later", "date": "date"}
    *length, direction = there.by.split()
    assert back.by.split() == [*length, turned[direction]]
    assert (there.before, there.after) == (back.after, back.before)
