"""Answers worked out by hand from the calendar on the wall."""

from typing import Any

import pytest

from tests.deadlines.asking import LAC, SIR, ask

Json = dict[str, Any]

HOURS, DAY, REPORT = "lac-notify-24h", "lac-notify-one-working-day", "lac-report-28d"
FIVE, MONTHS = "sir-notify-5wd", "sir-initial-review-3m"


def pause(starts: str, ends: str | None, obligation: str = "report") -> Json:
    return {"obligation": obligation, "from": starts, "until": ends}


def extend(amount: int, obligation: str = "report") -> list[Json]:
    return [{"obligation": obligation, "amount": amount}]


@pytest.mark.parametrize(
    ("occurred_at", "due_at"),
    [
        ("2026-03-28T22:30:00Z", "2026-03-29T22:30:00Z"),
        # Both clock changes of five years, from noon the day before.
        ("2024-03-30T12:00:00Z", "2024-03-31T12:00:00Z"),
        ("2024-10-26T12:00:00+01:00", "2024-10-27T11:00:00Z"),
        ("2025-03-29T12:00:00Z", "2025-03-30T12:00:00Z"),
        ("2025-10-25T12:00:00+01:00", "2025-10-26T11:00:00Z"),
        ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"),
        ("2026-10-24T12:00:00+01:00", "2026-10-25T11:00:00Z"),
        ("2027-03-27T12:00:00Z", "2027-03-28T12:00:00Z"),
        ("2027-10-30T12:00:00+01:00", "2027-10-31T11:00:00Z"),
        ("2028-03-25T12:00:00Z", "2028-03-26T12:00:00Z"),
        ("2028-10-28T12:00:00+01:00", "2028-10-29T11:00:00Z"),
        # In the hour that comes twice, each of the two is itself.
        ("2026-10-25T01:30:00+01:00", "2026-10-26T00:30:00Z"),
        ("2026-10-25T01:30:00+00:00", "2026-10-26T01:30:00Z"),
    ],
)
def test_twenty_four_hours_are_elapsed_hours(occurred_at: str, due_at: str) -> None:
    assert ask(occurred_at=occurred_at)[HOURS]["due_at"] == due_at


@pytest.mark.parametrize(
    ("aware_at", "due_on"),
    [
        ("2026-04-02T09:00:00+01:00", "2026-04-06"),  # Good Friday; Easter Monday is worked
        ("2026-06-12T09:00:00+01:00", "2026-06-16"),  # Friday before the one-off of 15 June
        ("2026-12-24T09:00:00Z", "2026-12-29"),  # Friday, weekend, substitute Monday
        ("2026-12-31T09:00:00Z", "2027-01-05"),  # New Year, weekend, substitute for 2 January
        ("2026-11-27T09:00:00Z", "2026-12-01"),  # St Andrew's Day is a Monday
        ("2026-07-31T09:00:00+01:00", "2026-08-04"),  # the first Monday of August
        ("2026-08-28T09:00:00+01:00", "2026-08-31"),  # the last Monday of August is worked
        ("2026-05-16T09:00:00+01:00", "2026-05-18"),  # a Saturday counts from the Monday
        ("2026-05-17T23:59:59+01:00", "2026-05-18"),  # and so does a Sunday
        ("2028-02-28T12:00:00Z", "2028-02-29"),  # 29 February is a Tuesday
        ("2026-03-29T23:30:00Z", "2026-03-31"),  # half past midnight of the Monday, in summer time
        # Christmas to 2 January, year by year.
        ("2024-12-24T09:00:00Z", "2024-12-27"),
        ("2024-12-31T09:00:00Z", "2025-01-03"),
        ("2025-12-24T09:00:00Z", "2025-12-29"),
        ("2025-12-31T09:00:00Z", "2026-01-05"),
        ("2027-12-24T09:00:00Z", "2027-12-29"),  # substitutes on the 27th and 28th
        ("2027-12-31T09:00:00Z", "2028-01-05"),  # and on 3 and 4 January
        ("2028-12-22T09:00:00Z", "2028-12-27"),
        ("2028-12-29T09:00:00Z", "2029-01-03"),
        ("2024-02-28T12:00:00Z", "2024-02-29"),
        ("2024-03-28T12:00:00Z", "2024-04-01"),  # Easter Monday of 2024, a working day
    ],
)
def test_one_working_day(aware_at: str, due_on: str) -> None:
    assert ask(occurred_at=aware_at)[DAY]["due_on"] == due_on


@pytest.mark.parametrize(
    ("aware_at", "due_on"),
    [
        ("2026-12-23T12:00:00Z", "2027-01-05"),  # 24, 29, 30, 31 December, 5 January
        ("2025-12-24T12:00:00Z", "2026-01-06"),  # 29, 30, 31 December, 5, 6 January
        ("2026-03-30T12:00:00Z", "2026-04-07"),  # 31 March, 1, 2, 6, 7 April
    ],
)
def test_five_working_days(aware_at: str, due_on: str) -> None:
    assert ask(SIR, occurred_at=aware_at)[FIVE]["due_on"] == due_on


@pytest.mark.parametrize(
    ("occurred_at", "due_at"),
    [
        ("2026-02-10T12:00:00Z", "2026-03-11T00:00:00Z"),
        ("2028-02-10T12:00:00Z", "2028-03-10T00:00:00Z"),  # a leap year is a day shorter
        ("2026-03-10T00:00:00Z", "2026-04-07T23:00:00Z"),  # ends in summer time
        ("2026-10-01T12:00:00+01:00", "2026-10-30T00:00:00Z"),  # ends in winter time
        ("2026-06-30T23:30:00Z", "2026-07-29T23:00:00Z"),  # already 1 July in Scotland
        ("2024-02-01T12:00:00Z", "2024-03-01T00:00:00Z"),  # by the end of 29 February
        ("2024-12-05T12:00:00Z", "2025-01-03T00:00:00Z"),  # 2 January is a day like any other
        ("2026-05-18T12:00:00+01:00", "2026-06-15T23:00:00Z"),  # and so is 15 June 2026
    ],
)
def test_twenty_eight_calendar_days(occurred_at: str, due_at: str) -> None:
    assert ask(occurred_at=occurred_at)[REPORT]["due_at"] == due_at


@pytest.mark.parametrize(
    ("received_at", "due_on"),
    [
        ("2026-11-30T10:00:00Z", "2027-02-28"),
        ("2027-11-30T10:00:00Z", "2028-02-29"),
        ("2023-11-30T10:00:00Z", "2024-02-29"),
        ("2024-11-30T10:00:00Z", "2025-02-28"),
        ("2026-08-31T10:00:00+01:00", "2026-11-30"),
        ("2026-12-31T10:00:00Z", "2027-03-31"),
        ("2028-02-29T10:00:00Z", "2028-05-29"),
    ],
)
def test_three_months_end_with_the_month_at_the_latest(received_at: str, due_on: str) -> None:
    clocks = ask(SIR, occurred_at="2023-01-01T00:00:00Z", received_at=received_at)
    assert clocks[MONTHS]["due_on"] == due_on


def test_a_pause_of_hours_takes_out_the_time_from_midnight_to_midnight() -> None:
    clock = ask(
        occurred_at="2026-03-28T12:00:00Z", pauses=[pause("2026-03-29", "2026-03-30", "notify")]
    )[HOURS]
    assert clock["due_at"] == "2026-03-30T11:00:00Z"
    assert clock["explanation"]["spans"] == [
        span("2026-03-28T12:00:00Z", "2026-03-29T00:00:00Z", "counted"),
        span("2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z", "paused"),
        span("2026-03-29T23:00:00Z", "2026-03-30T11:00:00Z", "counted"),
    ]


def span(starts: str, ends: str, why: str) -> Json:
    return {"from": starts, "until": ends, "counted": why == "counted", "why": why}


def test_hours_reached_exactly_where_a_pause_begins_are_due_there() -> None:
    facts = {"occurred_at": "2026-02-09T00:00:00Z"}
    for ends in ("2026-02-20", None):
        clock = ask(**facts, pauses=[pause("2026-02-10", ends, "notify")])[HOURS]
        assert clock["due_at"] == "2026-02-10T00:00:00Z"


def test_hours_that_begin_in_a_pause_begin_at_its_end() -> None:
    clock = ask(
        occurred_at="2026-02-09T12:00:00Z", pauses=[pause("2026-02-09", "2026-02-11", "notify")]
    )[HOURS]
    assert clock["due_at"] == "2026-02-12T00:00:00Z"


def test_an_open_pause_that_the_count_runs_into_leaves_no_due_date() -> None:
    clock = ask(occurred_at="2026-02-10T12:00:00Z", pauses=[pause("2026-02-13", None)])[REPORT]
    assert (clock["due_at"], clock["due_on"]) == (None, None)
    days = clock["explanation"]["days"]
    assert [day["date"] for day in days] == ["2026-02-10", "2026-02-11", "2026-02-12"]


def test_an_open_pause_after_the_due_date_changes_nothing() -> None:
    facts = {"occurred_at": "2026-02-10T12:00:00Z"}
    assert ask(**facts, pauses=[pause("2026-03-11", None)])[REPORT]["due_on"] == "2026-03-10"
    assert ask(**facts, pauses=[pause("2026-03-10", None)])[REPORT]["due_on"] is None


def test_a_pause_over_the_anchors_own_day_takes_only_the_days_after_it() -> None:
    clock = ask(occurred_at="2026-02-10T12:00:00Z", pauses=[pause("2026-02-10", "2026-02-12")])
    assert clock[REPORT]["due_on"] == "2026-03-11"
    assert [day["why"] for day in clock[REPORT]["explanation"]["days"]][:3] == [
        "anchor",
        "paused",
        "counted",
    ]


def test_an_empty_pause_pauses_nothing() -> None:
    clock = ask(occurred_at="2026-02-10T12:00:00Z", pauses=[pause("2026-02-12", "2026-02-12")])
    assert clock[REPORT]["due_on"] == "2026-03-10"


def test_months_are_pushed_on_by_paused_days() -> None:
    clocks = ask(
        SIR,
        occurred_at="2026-11-01T00:00:00Z",
        received_at="2026-11-30T10:00:00Z",
        pauses=[pause("2026-12-01", "2026-12-11", "initial-review")],
        extensions=extend(1, "initial-review"),
    )
    assert clocks[MONTHS]["due_on"] == "2027-04-09"  # 30 March and ten days


def test_extensions_of_one_obligation_add_units_of_each_rules_own_kind() -> None:
    clocks = ask(occurred_at="2026-02-10T12:00:00Z", extensions=extend(2, "notify") * 2)
    assert clocks[HOURS]["due_at"] == "2026-02-11T16:00:00Z"
    assert clocks[DAY]["due_on"] == "2026-02-17"
    assert clocks[REPORT]["due_on"] == "2026-03-10"


def test_an_anchor_later_than_the_question_is_known_ahead() -> None:
    clock = ask(occurred_at="2026-02-10T12:00:00Z", as_at="2026-02-10T11:59:59Z")[REPORT]
    assert (clock["state"], clock["due_on"]) == ("not_started", "2026-03-10")


def test_an_anchor_that_is_not_given_leaves_a_clock_unstarted() -> None:
    clock = ask("learning-review-adult", occurred_at="2026-02-10T12:00:00Z")["lra-outcome-7d"]
    assert clock["anchor"] == {"name": "ratified_at", "at": None}
    assert (clock["state"], clock["due_at"]) == ("not_started", None)


@pytest.mark.parametrize(
    ("received_at", "state"),
    [
        ("2026-02-11T11:59:59.999999Z", "met"),
        ("2026-02-11T12:00:00Z", "met_late"),
        ("2026-02-11T12:00:01Z", "met_late"),
    ],
)
def test_at_the_due_instant_is_late_and_a_microsecond_before_is_not(
    received_at: str, state: str
) -> None:
    clocks = ask(occurred_at="2026-02-10T12:00:00Z", received_at=received_at)
    assert clocks[HOURS]["state"] == state


@pytest.mark.parametrize(
    ("decisions", "completed_at", "state"),
    [
        ([("learning-review", "11")], None, "cancelled"),
        ([("learning-review", "11"), ("no-learning-review", "12")], None, "overdue"),
        ([("no-learning-review", "12"), ("learning-review", "11")], None, "overdue"),
        ([("learning-review", "11"), ("no-learning-review", "11")], None, "overdue"),
        ([("no-learning-review", "11"), ("learning-review", "11")], None, "cancelled"),
        ([("learning-review", "11")], "10", "met"),
        ([("learning-review", "11")], "11", "cancelled"),
        ([("learning-review", "11")], "12", "cancelled"),
    ],
)
def test_decisions_and_completions(
    decisions: list[tuple[str, str]], completed_at: str | None, state: str
) -> None:
    made = [{"decision": name, "at": f"2026-02-{day}T12:00:00Z"} for name, day in decisions]
    done = [{"obligation": "report", "at": f"2026-02-{completed_at}T12:00:00Z"}]
    clocks = ask(
        occurred_at="2026-02-10T12:00:00Z",
        decisions=made,
        completions=done if completed_at else [],
    )
    assert clocks[REPORT]["state"] == state


def test_a_decision_still_to_come_cancels_nothing_yet() -> None:
    clocks = ask(
        occurred_at="2026-02-10T12:00:00Z",
        decisions=[{"decision": "learning-review", "at": "2026-02-20T12:00:00Z"}],
        as_at="2026-02-20T11:59:59Z",
    )
    assert clocks[REPORT]["state"] == "open"


def test_only_the_notification_itself_completes_notify() -> None:
    done = [{"obligation": "notify", "at": "2026-02-10T13:00:00Z"}]
    clocks = ask(occurred_at="2026-02-10T12:00:00Z", completions=done)
    assert clocks[HOURS]["state"] == "overdue"


def test_paused_is_a_matter_of_the_local_date() -> None:
    facts = {
        "occurred_at": "2026-06-10T12:00:00Z",
        "pauses": [pause("2026-06-15", "2026-06-16")],
    }
    assert ask(**facts, as_at="2026-06-14T22:59:59Z")[REPORT]["state"] == "open"
    assert ask(**facts, as_at="2026-06-14T23:00:00Z")[REPORT]["state"] == "paused"
    assert ask(**facts, as_at="2026-06-15T23:00:00Z")[REPORT]["state"] == "open"


def test_rules_without_a_number_are_never_overdue() -> None:
    facts = {"occurred_at": "1990-01-01T00:00:00Z"}
    assert ask(**facts)["lac-notify-immediately"]["state"] == "no_limit"
    local = ask("significant-case-review-adult", **facts)["scra-notify-local"]
    assert (local["state"], local["due_at"]) == ("no_limit", None)


def test_a_holiday_is_named_and_a_weekend_is_not() -> None:
    days = ask(occurred_at="2026-04-02T09:00:00+01:00")[DAY]["explanation"]["days"]
    assert days == [
        {"date": "2026-04-02", "counted": False, "why": "anchor"},
        {"date": "2026-04-03", "counted": False, "why": "holiday", "name": "Good Friday"},
        {"date": "2026-04-04", "counted": False, "why": "weekend"},
        {"date": "2026-04-05", "counted": False, "why": "weekend"},
        {"date": "2026-04-06", "counted": True, "why": "counted"},
    ]


def test_a_clock_has_every_field_and_no_other() -> None:
    clock = ask(LAC, occurred_at="2026-02-10T12:00:00Z", as_at="2026-02-10T13:00:00Z")[HOURS]
    explained = clock.pop("explanation")
    assert clock == {
        "rule": HOURS,
        "version": "1",
        "obligation": "notify",
        "governing": True,
        "standing": "expected",
        "anchor": {"name": "occurred_at", "at": "2026-02-10T12:00:00Z"},
        "due_at": "2026-02-11T12:00:00Z",
        "due_on": "2026-02-11",
        "state": "open",
    }
    assert set(explained) == {"text", "days", "spans", "others", "calendar"}
    assert [other["rule"] for other in explained["others"]] == [DAY, "lac-notify-immediately"]
    assert explained["others"][0]["due_on"] == "2026-02-11"


def test_a_pause_of_centuries_is_answered() -> None:
    clock = ask(occurred_at="1970-01-01T12:00:00Z", pauses=[pause("1970-01-02", "2199-01-01")])
    assert clock[REPORT]["due_on"] == "2199-01-28"
    open_ended = ask(occurred_at="1970-01-01T12:00:00Z", pauses=[pause("2190-01-02", None)],
                     extensions=extend(10**30))  # fmt: skip
    assert len(open_ended[REPORT]["explanation"]["days"]) == 400
