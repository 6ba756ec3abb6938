"""Regimes and corrections beside everything else: the service counts like the slow implementation.

What is corrected step by step must come to the same as what was told rightly at once. All of
it, 100,000 cases: `SCRUTINY_CHAOS=full pytest -s -k slow tests/deadlines/test_domain`.
"""

from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

import msgspec
import pytest

from services.deadlines.domain.clock import Clock, derive_clocks
from services.deadlines.domain.corrections import corrected
from services.deadlines.domain.facts import Extension, Facts, Regime
from services.deadlines.entrypoints.clock_answers import clocks_out
from services.deadlines.entrypoints.preview_body import PreviewIn
from services.deadlines.entrypoints.preview_facts import preview_asked
from tests.chaos.sizes import FULL, SEED, size
from tests.deadlines import slow_reference
from tests.deadlines.asking import NOW
from tests.deadlines.official import CALENDARS, RULES, holidays, rule_rows
from tests.deadlines.random_cases import random_history
from tests.deadlines.test_domain.test_slow_reference import comparable

CASES = size(1_200, 100_000)
PARTS = 4
Json = dict[str, Any]


@pytest.mark.chaos
@pytest.mark.parametrize("part", range(PARTS))
def test_every_random_history_is_answered_alike(part: int) -> None:
    chance = Random(SEED + part if FULL else part)
    rules, known = rule_rows(), holidays()
    for _ in range(CASES // PARTS):
        case = random_history(chance)
        expected = slow_reference.preview(slow_reference.corrected(case), rules, known)
        assert [_comparable(clock) for clock in _clocks(case)] == expected, case
    print(f"{CASES // PARTS} random histories, none answered differently")


@pytest.mark.chaos
def test_a_count_that_forgets_regimes_is_found_out() -> None:
    chance, rules, known = Random(1), rule_rows(), holidays()
    different = 0
    for _ in range(100):
        case = random_history(chance)
        expected = slow_reference.preview(slow_reference.corrected(case), rules, known)
        found = [_comparable(clock) for clock in _clocks(case | {"regimes": []})]
        different += [one["due_at"] for one in found] != [one["due_at"] for one in expected]
    assert different > 10


def _clocks(case: Json) -> tuple[Clock, ...]:
    known = {name: case[name] for name in case.keys() - {"regimes", "corrections"}}
    asked = preview_asked(msgspec.convert(known, PreviewIn), RULES, NOW)
    facts = replace(asked.facts, regimes=tuple(_regime(one) for one in case["regimes"]))
    for one in case["corrections"]:
        facts = _put_right(facts, one)
    rules = RULES.of(asked.kind)
    return derive_clocks(rules, facts, asked.area, CALENDARS, asked.as_at)


def _put_right(facts: Facts, correction: Json) -> Facts:
    field, after = correction["field"], datetime.fromisoformat(correction["value"])
    return corrected(facts, field, getattr(facts, field), after)


def _regime(given: Json) -> Regime:
    until = given["until"] and date.fromisoformat(given["until"])
    amounts = tuple(Extension(name, amount) for name, amount in given["amounts"].items())
    return Regime(given["id"], given["id"], date.fromisoformat(given["from"]), until, amounts)


def _comparable(clock: Clock) -> Json:
    (answer,) = msgspec.to_builtins(clocks_out((clock,)))
    regimes = [regime.id for regime in clock.regimes]
    return comparable(answer) | {"regimes": regimes, "discuss": clock.discuss}
