"""The what-if form: what it asks deadlines, and what it says of mistakes."""

from datetime import date

import pytest

from services.console.domain.clock_view import due_words, owed
from services.console.domain.letter import letter
from services.console.domain.what_if import read_what_if
from shared.errors import FieldError

SOUND = {"kind": "death-looked-after-child", "area": "S12000047", "occurred_at": "2026-03-28T22:30"}


def mistakes(**changes: str) -> dict[str, str]:
    return {error.field: error.rule for error in read_what_if(SOUND | changes).errors}


def test_times_are_scottish_time() -> None:
    asked = read_what_if(SOUND | {"aware_at": "2026-03-29 09:00"})
    assert asked.errors == []
    assert asked.body["occurred_at"] == "2026-03-28T22:30:00+00:00"
    assert asked.body["aware_at"] == "2026-03-29T09:00:00+01:00"
    assert "received_at" not in asked.body


def test_rows_that_are_left_empty_are_not_sent() -> None:
    asked = read_what_if(
        SOUND
        | {"pauses_2_obligation": "report", "pauses_2_from": "2026-04-14", "pauses_1_from": " "}
        | {"extensions_1_obligation": "report", "extensions_1_amount": "5"}
    )
    assert asked.errors == []
    assert asked.body["pauses"] == [{"obligation": "report", "from": "2026-04-14", "until": None}]
    assert asked.body["extensions"] == [{"obligation": "report", "amount": 5}]
    assert asked.body["decisions"] == []


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("occurred_at", ""),
        ("occurred_at", "yesterday"),
        ("occurred_at", "2026-03-29T01:30"),
        ("kind", ""),
        ("area", ""),
        ("pauses_1_from", "14 April"),
        ("extensions_1_amount", "-1"),
        ("decisions_2_decision", "learning-review"),
    ],
)
def test_a_mistake_is_named_at_its_field(field: str, text: str) -> None:
    named = mistakes(**{field: text})
    at = {"decisions_2_decision": "decisions_2_at"}.get(field, field)
    assert named[at].endswith(".")


def test_the_hour_that_does_not_exist_is_told_from_one_that_comes_twice() -> None:
    assert "clocks went forward" in mistakes(occurred_at="2026-03-29T01:30")["occurred_at"]
    assert mistakes(occurred_at="2026-10-25T01:30") == {}


def test_what_deadlines_refuses_is_told_at_the_row_it_came_from() -> None:
    asked = read_what_if(SOUND | {"pauses_2_obligation": "report", "pauses_2_from": "2026-04-14"})
    asked.refused(
        [
            FieldError("pauses[0].until", "must not be before from"),
            FieldError("pauses[0].obligation", "must be one of: notify"),
            FieldError("aware_at", "must not be before occurred_at"),
            FieldError("kind", "must be known"),
        ]
    )
    assert [(one.field, one.rule) for one in asked.errors] == [
        ("pauses_2_until", "The pause cannot end before it begins."),
        ("pauses_2_obligation", "This kind of notification does not ask for that."),
        ("aware_at", "Nobody was aware before it happened."),
        ("kind", "This must be known."),
    ]


def clock(**given: object) -> dict[str, object]:
    explained = {"text": "Because.", "days": [], "spans": [], "others": []}
    usual = {"obligation": "report", "governing": True, "due_at": None, "due_on": None}
    return usual | {"explanation": explained} | given


@pytest.mark.parametrize(
    ("due_at", "due_on", "said"),
    [
        ("2026-03-11T00:00:00Z", "2026-03-10", "by the end of 10 March 2026"),
        ("2026-04-06T23:00:00Z", "2026-04-06", "by the end of 6 April 2026"),
        ("2026-03-29T22:30:00Z", "2026-03-29", "by 11.30pm on 29 March 2026"),
        ("2026-03-29T00:00:00Z", "2026-03-29", "by 12.00am on 29 March 2026"),
        (None, None, "no date"),
    ],
)
def test_a_due_date_is_said_as_people_say_it(
    due_at: str | None, due_on: str | None, said: str
) -> None:
    assert due_words(clock(due_at=due_at, due_on=due_on)) == said


def test_the_governing_wording_comes_first_and_the_others_stand_beside_it() -> None:
    first, second = clock(governing=False, rule="a"), clock(rule="b")
    (one,) = owed([first, second])
    assert one.view.clock is second
    assert [other.clock for other in one.others] == [first]


def test_a_letter_says_what_is_due_why_and_what_others_say() -> None:
    other = {"instrument": "A guidance", "standing": "guidance", "due_at": None, "due_on": None}
    explained = {"text": "Because it was so.", "days": [], "spans": [], "others": [other]}
    due = {"due_at": "2026-03-11T00:00:00Z", "due_on": "2026-03-10", "explanation": explained}
    told = letter("A death, Fife", date(2026, 3, 1), owed([clock(**due)]))
    assert told == (
        "A death, Fife\n\nReport: by the end of 10 March 2026.\n\nBecause it was so.\n\n"
        "Other official wordings of the same duty:\n- A guidance (guidance): no date.\n\n"
        "Worked out on 1 March 2026."
    )
