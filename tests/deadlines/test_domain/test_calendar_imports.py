"""Files are read whole or refused by line and rule, and make the version they say."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar as Ics
from icalendar import Event

from services.deadlines.domain.calendar import Break
from services.deadlines.domain.calendar_entries import Entry, Kind, mistakes
from services.deadlines.domain.calendar_making import Mode, differences, make_version
from services.deadlines.outside.calendar_csv import read_csv
from services.deadlines.outside.calendar_ics import read_ics
from shared.errors import FieldError, Invalid
from tests.deadlines.official import CALENDARS, FIFE

SCOTLAND = CALENDARS.by_id["scotland"]
MONDAY = date(2026, 2, 16)
WEEK = [MONDAY + timedelta(days=number) for number in range(5)]


def csv(*lines: str, header: str = "date,name") -> str:
    return "\n".join([header, *lines])


def ics(*properties: str) -> str:
    """One event with these lines, from the fifth line on."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//council//EN", "X-WR-CALNAME:Holidays"]
    lines = [*head, "BEGIN:VEVENT", "UID:1@example.org", *properties, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def refusal(text: str) -> dict[str, str]:
    """The fields that are wrong in a CSV file, with their rules."""
    try:
        return told(tuple(mistakes(read_csv(text), "csv")))
    except Invalid as refused:
        return told(refused.errors)


def told(errors: tuple[FieldError, ...]) -> dict[str, str]:
    return {error.field: error.rule for error in errors}


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        ("", "csv.line-1", "write the columns date and name, and if needed until, kind and status"),
        (csv("x", header="day"), "csv.line-1",
         "write the columns date and name, and if needed until, kind and status"),
        (csv(), "csv", "must hold at least one day"),
        (csv("16 Feb,Fair"), "csv.line-2.date", "write a day like 2026-06-15"),
        (csv("2026-02-16,A", "2026-02-30,B"), "csv.line-3.date", "write a day like 2026-06-15"),
        (csv("2026-02-16,"), "csv.line-2.name", "write the name of the holiday"),
        (csv("2026-02-16"), "csv.line-2", "write as many values as the first line has columns"),
        (csv("2026-02-16,A,more"), "csv.line-2",
         "write as many values as the first line has columns"),
        (csv("2026-02-14,A"), "csv.line-2.date",
         "2026-02-14 is a Saturday; write the day not worked in its place"),
        (csv("2026-02-16,A", "2026-02-16,B"), "csv.line-3.date",
         "2026-02-16 is in the import twice, also in csv.line-2"),
        (csv("2026-02-16,A,party", header="date,name,kind"), "csv.line-2.kind",
         "write one of holiday, school-holiday, worked, or nothing"),
        (csv("2026-02-16,A,maybe", header="date,name,status"), "csv.line-2.status",
         "write one of announced, projected, or nothing"),
        (csv("2026-02-16,A,2026-02-13", header="date,name,until"), "csv.line-2.until",
         "must not be before its date"),
        (csv("2026-02-16,A,2026-12-31", header="date,name,until"), "csv.line-2.until",
         "must be within 90 days"),
        (csv("1066-10-15,Hastings"), "csv.line-2.date",
         "must lie between the years 1900 and 2200"),
        (csv('2026-02-16,"A'), "csv.line-2", "is not CSV: unexpected end of data"),
    ],
)  # fmt: skip
def test_a_csv_file_is_refused_by_line_and_rule(text: str, field: str, rule: str) -> None:
    assert refusal(text)[field] == rule


def test_every_wrong_line_is_named_at_once() -> None:
    assert set(refusal(csv("2026-02-16,", "2026-02-21,B"))) == {
        "csv.line-2.name",
        "csv.line-3.date",
    }


def test_a_spreadsheets_mark_and_line_ends_are_read() -> None:
    (entry,) = read_csv("\ufeffdate,name\r\n2026-02-16,Fair\r\n")
    assert (entry.starts, entry.name, entry.kind) == (MONDAY, "Fair", Kind.HOLIDAY)


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        (("DTSTART:20260216T090000Z", "SUMMARY:A"), "icalendar.line-5.dtstart"),
        (("SUMMARY:A",), "icalendar.line-5.dtstart"),
        (("DTSTART;VALUE=DATE:20260216", "DTEND:20260216T100000Z", "SUMMARY:A"),
         "icalendar.line-5.dtend"),
        (("DTSTART;VALUE=DATE:20260216", "RRULE:FREQ=YEARLY", "SUMMARY:A"),
         "icalendar.line-5.rrule"),
        (("DTSTART;VALUE=DATE:20260299", "SUMMARY:A"), "icalendar.line-5.dtstart"),
    ],
)  # fmt: skip
def test_an_icalendar_file_is_refused_by_line_and_property(
    properties: tuple[str, ...], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read_ics(ics(*properties))
    assert list(told(refused.value.errors)) == [field]


@pytest.mark.parametrize("text", ["", "BEGIN:VCALENDAR", "date,name", "END:VEVENT"])
def test_what_is_no_icalendar_file_is_refused_as_that(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_ics(text)
    assert list(told(refused.value.errors)) == ["icalendar"]


def test_an_icalendar_event_ends_before_its_dtend_and_may_be_schools_alone() -> None:
    text = ics(
        "DTSTART;VALUE=DATE:20260216", "DTEND;VALUE=DATE:20260221", "SUMMARY:Mid-term",
        "CATEGORIES:SCHOOL-HOLIDAY",
    )  # fmt: skip
    (entry,) = read_ics(text)
    assert (entry.starts, entry.until, entry.kind) == (WEEK[0], WEEK[-1], Kind.SCHOOL)


def test_a_cancelled_event_is_none() -> None:
    text = ics("DTSTART;VALUE=DATE:20260216", "SUMMARY:A", "STATUS:CANCELLED")
    assert read_ics(text) == []


@given(st.lists(st.dates(date(2000, 1, 1), date(2100, 1, 1)), min_size=1, max_size=20, unique=True))
def test_what_the_calendar_library_writes_is_read_as_the_same_days(days: list[date]) -> None:
    made = Ics()
    for day in days:
        event = Event()
        event.add("summary", f"Holiday, {day:%A}; \\ of {day}")
        event.add("dtstart", day)
        made.add_component(event)
    read = read_ics(made.to_ical().decode())
    assert [(one.starts, one.until) for one in read] == [(day, day) for day in days]
    assert [one.name for one in read] == [f"Holiday, {day:%A}; \\ of {day}" for day in days]


def entry(first: date, last: date | None = None, kind: Kind = Kind.HOLIDAY) -> Entry:
    return Entry("csv.line-2", first, last or first, "Fair", kind)


def test_changes_add_and_take_away_single_days() -> None:
    easter = date(2026, 4, 3)
    made = make_version(
        SCOTLAND, FIFE, "1", [entry(MONDAY), entry(easter, kind=Kind.WORKED)], Mode.CHANGES
    )
    found = differences(SCOTLAND, made)
    assert (set(found.added), set(found.removed)) == ({MONDAY}, {easter})
    assert found.days == {MONDAY, easter}
    assert made.day_off(MONDAY) == ("holiday", "Fair")
    assert made.day_off(easter) is None


def test_years_are_told_whole_and_other_years_stay() -> None:
    made = make_version(SCOTLAND, FIFE, "1", [entry(MONDAY)], Mode.YEARS)
    assert [day for day in made.holidays if day.year == 2026] == [MONDAY]
    others = [day for day in SCOTLAND.holidays if day.year != 2026]
    assert [day for day in made.holidays if day.year != 2026] == others


def test_a_holiday_of_days_leaves_out_its_weekend() -> None:
    made = make_version(
        SCOTLAND, FIFE, "1", [entry(MONDAY, MONDAY + timedelta(days=8))], Mode.CHANGES
    )
    assert len(differences(SCOTLAND, made).added) == 7


def test_school_holidays_are_kept_beside_worked_days() -> None:
    made = make_version(SCOTLAND, FIFE, "1", [entry(WEEK[0], WEEK[-1], Kind.SCHOOL)], Mode.CHANGES)
    assert made.school == (Break(WEEK[0], WEEK[-1], "Fair"),)
    assert made.day_off(MONDAY) is None
    assert made.school_holiday(MONDAY) == "Fair"
    assert made.school_holiday(MONDAY - timedelta(days=1)) is None
    assert differences(SCOTLAND, made).days == set(WEEK)


def test_what_is_announced_reaches_to_the_end_of_the_last_announced_year() -> None:
    made = make_version(SCOTLAND, FIFE, "1", [entry(date(2031, 3, 3))], Mode.CHANGES)
    assert made.announced_until == date(2031, 12, 31)
    assert SCOTLAND.announced_until == date(2028, 12, 31)
