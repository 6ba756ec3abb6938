"""The Scottish calendar holds the days that were published, and says how far it knows."""

from dataclasses import replace
from datetime import date

import pytest

from services.deadlines.calendars.generate import rows
from services.deadlines.domain.calendar import Calendar, Calendars
from services.deadlines.storage.calendar_files import CalendarFileBroken, load_calendars
from tests.deadlines.asking import ask
from tests.deadlines.official import CALENDARS, FIFE, holidays

SCOTLAND = CALENDARS.by_id["scotland"]
PUBLISHED = {
    2026: "01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28",
    2027: "01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28",
    2028: "01-03 01-04 04-14 05-01 05-29 08-07 11-30 12-25 12-26",
}
DAY = "lac-notify-one-working-day"


@pytest.mark.parametrize("year", PUBLISHED)
def test_it_holds_the_published_days_and_no_others(year: int) -> None:
    found = [f"{day:%m-%d}" for day in SCOTLAND.holidays if day.year == year]
    assert " ".join(sorted(found)) == PUBLISHED[year]


def test_no_holiday_falls_on_a_weekend() -> None:
    assert not [day for day in holidays() if day.weekday() > 4]


def test_the_announced_years_are_what_the_library_says() -> None:
    made = {date.fromisoformat(day): name for day, name, status in rows() if status == "announced"}
    assert made == {day: name for day, name in holidays().items() if day.year <= 2028}


def test_an_area_without_a_calendar_of_its_own_uses_scotlands() -> None:
    assert CALENDARS.for_rule("area", FIFE) is SCOTLAND
    assert CALENDARS.for_rule(None, FIFE) is None


def test_an_areas_own_calendar_comes_first() -> None:
    own: Calendar = replace(SCOTLAND, id=FIFE, version="7")
    both = Calendars({"scotland": SCOTLAND, FIFE: own})
    assert both.for_rule("area", FIFE) is own
    assert both.for_rule("area", "S12000033") is SCOTLAND


@pytest.mark.parametrize(
    ("occurred_at", "said"),
    [
        ("2026-04-02T09:00:00Z", "calendar scotland, version 1 (no calendar of the council"),
        ("2030-04-02T09:00:00Z", "holidays after 2028 have not been announced"),
        ("2101-04-04T09:00:00Z", "knows no holidays outside 1970 to 2100"),
        ("1950-04-04T09:00:00Z", "knows no holidays outside 1970 to 2100"),
    ],
)
def test_an_explanation_says_how_far_the_calendar_is_known(occurred_at: str, said: str) -> None:
    explained = ask(occurred_at=occurred_at)[DAY]["explanation"]
    assert said in explained["text"]
    assert explained["calendar"] == {"id": "scotland", "version": "1"}


def test_the_highest_version_of_a_calendar_is_in_force(tmp_path) -> None:  # noqa: ANN001
    home = tmp_path / "scotland"
    home.mkdir()
    for version, day in (("9", "2026-01-01"), ("10", "2026-01-02")):
        (home / f"{version}.csv").write_text(f"date,name,status\n{day},A day,announced\n")
    found = load_calendars(tmp_path).by_id["scotland"]
    assert (found.version, list(found.holidays)) == ("10", [date(2026, 1, 2)])


def test_a_broken_calendar_says_what_to_write(tmp_path) -> None:  # noqa: ANN001
    home = tmp_path / "scotland"
    home.mkdir()
    (home / "1.csv").write_text("date,name,status\n1 January,A day,announced\n")
    with pytest.raises(CalendarFileBroken, match="write a day like 2026-06-15"):
        load_calendars(tmp_path)
