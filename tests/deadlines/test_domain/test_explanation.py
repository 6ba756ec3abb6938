"""A clock explains itself in a paragraph that could be sent to a director of social work."""

from typing import Any

import pytest

from tests.deadlines.asking import LAC, SIR, ask

HOURS, DAY, REPORT = "lac-notify-24h", "lac-notify-one-working-day", "lac-report-28d"
DIED = "2026-02-10T12:00:00Z"


def text(rule: str, kind: str = LAC, **facts: Any) -> str:
    return ask(kind, **({"occurred_at": DIED} | facts))[rule]["explanation"]["text"]


def test_it_is_one_paragraph_with_rule_source_anchor_count_and_answer() -> None:
    assert text(DAY, occurred_at="2026-04-02T09:00:00+01:00", as_at="2026-04-05T12:00:00Z") == (
        "Scottish Government guidance on the death of a looked after child (guidance; rule "
        "lac-notify-one-working-day, version 1, see "
        "https://www.gov.scot/publications/death-looked-child/pages/3/) asks for the notification "
        "within 1 working day, counted from when the service became aware. That was at 09:00 on "
        "Thursday 2 April 2026, Scottish time. Skipped as not worked: 2 weekend days and 3 April "
        "(Good Friday). Working days follow calendar scotland, version 1 (no calendar of the "
        "council area's own is held). It is due by the end of Monday 6 April 2026. As at 13:00 on "
        "Sunday 5 April 2026 it is open."
    )


@pytest.mark.parametrize(
    ("rule", "facts", "said"),
    [
        (HOURS, {}, "due before 12:00 on Wednesday 11 February 2026; received at that moment"),
        (HOURS, {"received_at": "2026-02-10T13:00:00Z"}, "It was met at 13:00 on Tuesday 10"),
        (HOURS, {"received_at": "2026-02-11T12:00:00Z"}, "It was met late, at 12:00 on Wednesday"),
        ("lac-notify-immediately", {}, "No number is set, so it has no due date"),
        (REPORT, {}, "Weekends and holidays count like any other day."),
        (
            REPORT,
            {"extensions": [{"obligation": "report", "amount": 7}]},
            "It was extended by 7 calendar days, which makes 35 calendar days.",
        ),
        (
            REPORT,
            {"pauses": [{"obligation": "report", "from": "2026-02-12", "until": "2026-02-14"}]},
            "It was paused from Thursday 12 February 2026 until the start of Saturday 14 February",
        ),
        (
            REPORT,
            {"pauses": [{"obligation": "report", "from": "2026-02-12"}]},
            "runs into a pause that has no end yet",
        ),
        (
            REPORT,
            {"decisions": [{"decision": "learning-review", "at": "2026-02-12T10:00:00Z"}]},
            "cancelled by the decision: a learning review is undertaken, 10:00 on Thursday 12",
        ),
        (REPORT, {"as_at": DIED}, "As at 12:00 on Tuesday 10 February 2026 it is open."),
        (REPORT, {"as_at": "2026-02-10T11:00:00Z"}, "it has not started."),
        (REPORT, {}, "it is overdue."),
    ],
)
def test_it_says_what_made_the_answer(rule: str, facts: dict[str, Any], said: str) -> None:
    assert said in text(rule, **facts)


def test_what_is_assumed_is_said_to_be_assumed() -> None:
    assert "that part is our assumption" in text("sir-notify-5wd", SIR)
    assert "from the founding document of 2020" in text("sir-notify-asap", SIR)


def test_an_anchor_that_is_not_given_is_said_to_be_missing() -> None:
    said = text("lra-agency-reply-14d", "learning-review-adult")
    assert "That moment has not been given yet." in said
    assert "There is no due date until then." in said


def test_a_number_that_is_set_locally_is_said_to_be() -> None:
    said = text("scra-notify-local", "significant-case-review-adult")
    assert "a number of days that is set locally" in said
    assert "The area has not given a number" in said
