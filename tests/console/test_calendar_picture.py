"""A count of days as a calendar shows it."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.calendar_picture import months_of

EASTER = [
    ("2026-04-02", "anchor", None),
    ("2026-04-03", "holiday", "Good Friday"),
    ("2026-04-04", "weekend", None),
    ("2026-04-05", "weekend", None),
    ("2026-04-06", "counted", None),
]
WHY = ("counted", "weekend", "holiday", "paused")


def days(*told: tuple[str, str, str | None]) -> list[dict[str, Any]]:
    return [{"date": day, "why": why} | ({"name": name} if name else {}) for day, why, name in told]


def test_every_skipped_day_is_named_with_its_reason() -> None:
    (april,) = months_of(days(*EASTER), "2026-04-06")
    assert [(one.reason, one.days) for one in april.skipped] == [
        ("Good Friday", "3"),
        ("weekend", "4 and 5"),
    ]


def test_counted_days_are_numbered_and_the_last_is_the_due_one() -> None:
    (april,) = months_of(days(*EASTER), "2026-04-06")
    cells = {cell.date.day: cell for week in april.weeks for cell in week if cell}
    assert (cells[6].number, cells[6].due) == (1, True)
    assert (cells[2].why, cells[2].number) == ("anchor", None)
    assert cells[7].why == ""


def test_weeks_begin_on_monday_and_hold_the_whole_month() -> None:
    (april,) = months_of(days(*EASTER), None)
    assert all(len(week) == 7 for week in april.weeks)
    assert next(cell.date for cell in april.weeks[0] if cell) == date(2026, 4, 1)
    assert april.weeks[0][:2] == [None, None]


def test_a_count_without_days_has_no_picture() -> None:
    assert months_of([], None) == []


@given(
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.lists(st.sampled_from(WHY), min_size=1, max_size=400),
)
def test_every_day_of_a_count_is_shown_once_where_it_belongs(begin: date, why: list[str]) -> None:
    told = [((begin + timedelta(days=at)).isoformat(), one, None) for at, one in enumerate(why)]
    shown = months_of(days(*told), told[-1][0])
    cells = [cell for month in shown for week in month.weeks for cell in week if cell and cell.why]
    assert [(cell.date.isoformat(), cell.why, None) for cell in cells] == told
    numbers = [cell.number for cell in cells if cell.number is not None]
    assert numbers == list(range(1, why.count("counted") + 1))
    assert [cell.due for cell in cells].count(True) == 1
    for month in shown:
        assert all(
            cell is None or cell.date.weekday() == at
            for week in month.weeks
            for at, cell in enumerate(week)
        )
