"""Walking the pages of a list meets every item once, in order, whatever the limit."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.web.pages import MAX_LIMIT, Moment, Position, checked_limit, page, place


def fetch(items: list[int], after: int | None, limit: int) -> list[int]:
    """What a query with LIMIT limit + 1 would find."""
    return [item for item in items if after is None or item > after][: limit + 1]


@given(st.sets(st.integers()), st.integers(1, 7))
def test_every_item_is_met_once_and_in_order(items: set[int], limit: int) -> None:
    ordered, met, cursor = sorted(items), [], None
    for _ in range(len(items) + 1):
        after = (place(cursor, tuple[int]) or (None,))[0]
        found = page(
            fetch(ordered, after, limit), limit, out=lambda item: item, after=lambda item: (item,)
        )
        assert len(found.items) <= limit
        met += found.items
        cursor = found.next
        if cursor is None:
            break
    assert met == ordered
    assert cursor is None


@given(st.text())
def test_a_cursor_that_is_not_ours_is_refused(text: str) -> None:
    if text:
        with pytest.raises(Invalid, match="cursor"):
            place(text, tuple[str, Position])


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WyJhIl0", "é", "W1siYSJdXQ"])
def test_cursors_of_another_shape_are_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        place(cursor, tuple[str, Position])


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**63 - 1))
def test_a_moment_and_a_position_come_back_as_they_were(at: datetime, position: int) -> None:
    last = page([0, 1], 1, out=lambda item: item, after=lambda _: (at, position)).next
    assert place(last, tuple[Moment, Position]) == (at, position)


def test_a_moment_that_utc_does_not_have_is_refused() -> None:
    last = page([0, 1], 1, out=lambda item: item, after=lambda _: ("0001-01-01T00:00:00+05:00",))
    with pytest.raises(Invalid, match="cursor"):
        place(last.next, tuple[Moment])


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(Invalid):
        checked_limit(limit)


def test_a_limit_left_out_is_a_sensible_one() -> None:
    assert checked_limit(None) == 50
    assert checked_limit(7) == 7
