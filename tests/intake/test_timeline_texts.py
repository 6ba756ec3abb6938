"""Whatever deadlines tells of a case becomes a sentence that people can read."""

from datetime import UTC, datetime

import pytest

from services.intake.domain.timeline import clock_text, correction_text, told_text
from services.intake.entrypoints.subscribers import TOLD
from tests.contracts.examples import EXAMPLES

BODIES = {example.type: example.body for example in EXAMPLES}
SAID = {
    "clock.recomputed": "The report under lac-report-28d is due by the end of 14 April 2026, "
    "because it was extended; before, it was due by the end of 31 March 2026.",
    "clock.extended": "The report was given more time: 14 calendar days.",
    "clock.paused": "The clock for the report was paused from 10 March 2026, with no end yet.",
    "clock.resumed": "The pause of the report ended: it counts from 17 March 2026.",
    "act.withdrawn": "What was done to the report (a pause) was undone.",
    "case.rebased": "The case was moved from version 1 of the rules to version 2.",
}


@pytest.mark.parametrize(("what", "said"), SAID.items())
def test_an_event_is_told_in_plain_english(what: str, said: str) -> None:
    (event,) = [event for event, name in TOLD.items() if name == what]
    assert clock_text(what, BODIES[event.TYPE]) == said


def test_a_clock_that_keeps_its_date_says_how_it_stands() -> None:
    body = BODIES["scot.scrutiny.clock.recomputed.v1"]
    same = body | {"due_at_before": body["due_at"], "state": "met_late"}
    assert clock_text("clock.recomputed", same).endswith(
        "is met late now, because it was extended."
    )
    undated = body | {"due_at": None}
    assert "has no date, because" in clock_text("clock.recomputed", undated)


def test_a_clock_that_ended_with_its_case_says_so() -> None:
    about = {"rule": "lac-report-28d", "obligation": "report", "decision": "withdrawn"}
    ended = "The clock lac-report-28d for the report ended with its case."
    assert clock_text("clock.cancelled", about) == ended
    again = clock_text("clock.reopened", about | {"decision": "no-learning-review"})
    assert again.endswith("runs again by a decision.")


@pytest.mark.parametrize(
    ("role", "person", "who"),
    [
        ("link-inspector", "p-1", "The link inspector"),
        ("link-inspector", None, "As nobody is link inspector, the support team"),
        ("support-team", None, "The support team"),
        ("chief-inspector", None, "The chief inspector"),
    ],
)
def test_whoever_was_told_is_called_by_their_role(role: str, person: str | None, who: str) -> None:
    about = {"role": role, "person": person, "about": "overdue"}
    assert told_text(about) == f"{who} was told by mail that a deadline has passed."


def test_a_corrected_date_is_told_in_scottish_time() -> None:
    before, after = datetime(2026, 6, 1, 9, tzinfo=UTC), datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert correction_text("occurred_at", before, after) == (
        "The date when it happened was corrected from 10:00 on 1 June 2026 to 11:00 on 1 June 2026."
    )
