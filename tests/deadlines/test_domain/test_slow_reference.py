"""The service and a second, slow implementation give the same answers."""

from datetime import date, datetime
from random import Random
from typing import Any

import pytest

from shared.errors import Invalid
from tests.chaos.sizes import size
from tests.deadlines import slow_reference
from tests.deadlines.asking import LAC, preview
from tests.deadlines.official import FIFE, holidays, rule_rows
from tests.deadlines.random_cases import random_case

CASES = size(2_400, 100_000)
RUNNING = {"open", "due_soon"}
Json = dict[str, Any]


@pytest.mark.parametrize("seed", range(8))
def test_every_random_case_is_answered_alike(seed: int) -> None:
    chance, rules, known = Random(seed), rule_rows(), holidays()
    for _ in range(CASES // 8):
        case = random_case(chance)
        expected = slow_reference.preview(case, rules, known)
        assert [comparable(clock) for clock in preview(case)] == expected, case


@pytest.mark.parametrize(
    "facts",
    [
        {"occurred_at": "2200-12-31T12:00:00Z"},
        {"occurred_at": "2200-12-30T12:00:00Z", "pauses": [
            {"obligation": "report", "from": "2200-12-31", "until": None},
            {"obligation": "notify", "from": "2201-01-01", "until": None}]},
        {"occurred_at": "2199-01-01T00:00:00Z", "extensions": [
            {"obligation": "notify", "amount": 24 * 729}]},
        {"occurred_at": "2200-01-01T00:00:00Z", "extensions": [
            {"obligation": "report", "amount": 337}]},
    ],
)  # fmt: skip
def test_the_end_of_2200_is_met_alike(facts: Json) -> None:
    case = {"kind": LAC, "area": FIFE, "as_at": "2200-01-01T00:00:00Z"} | facts
    try:
        expected = slow_reference.preview(case, rule_rows(), holidays())
    except slow_reference.Beyond:
        with pytest.raises(Invalid):
            preview(case)
    else:
        assert [comparable(clock) for clock in preview(case)] == expected


def comparable(clock: Json) -> Json:
    """A clock's answer in the words of the slow implementation."""
    explained = clock["explanation"]
    return {
        "rule": clock["rule"],
        "due_at": _instant(clock["due_at"]),
        "due_on": clock["due_on"] and date.fromisoformat(clock["due_on"]),
        "state": "running" if clock["state"] in RUNNING else clock["state"],
        "days": [day | {"date": date.fromisoformat(day["date"])} for day in explained["days"]],
        "spans": [
            span | {"from": _instant(span["from"]), "until": _instant(span["until"])}
            for span in explained["spans"]
        ],
    }


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
