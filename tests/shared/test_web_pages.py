"""Walking the pages of a list meets every item once, in order, whatever the limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.web.pages import MAX_LIMIT, checked_limit, decode_cursor, page


def fetch(items: list[int], after: int | None, limit: int) -> list[int]:
    """What a query with LIMIT limit + 1 would find."""
    return [item for item in items if after is None or item > after][: limit + 1]


@given(st.sets(st.integers()), st.integers(1, 7))
def test_every_item_is_met_once_and_in_order(items: set[int], limit: int) -> None:
    ordered, met, cursor = sorted(items), [], None
    for _ in range(len(items) + 1):
        decoded = decode_cursor(cursor, parts=1)
        after = None if decoded is None else int(decoded.after[0])
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
            decode_cursor(text, parts=2)


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WyJhIl0", "é", "W1siYSJdXQ"])
def test_cursors_of_another_shape_are_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(cursor, parts=2)


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(Invalid):
        checked_limit(limit)


def test_a_limit_left_out_is_a_sensible_one() -> None:
    assert checked_limit(None) == 50
    assert checked_limit(7) == 7
