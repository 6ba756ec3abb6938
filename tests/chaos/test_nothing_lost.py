"""Nothing acknowledged is lost, each effect is once, order is kept per key: under SIGKILL."""

from collections.abc import Sequence

import pytest

from tests.chaos.attack import Outcome, Plan, attacked
from tests.chaos.figures import record
from tests.chaos.ground import Ground
from tests.chaos.kill_points import POINTS
from tests.chaos.sizes import SEED, size

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="module")]

KILLS = size(25, 500)
REQUESTS = size(3_500, 200_000)
EVENTS = size(20_000, 1_000_000)
OTHERS = ("postgres", "kafka", "directory", "console")
OTHERS_KILLED = OTHERS * size(1, 20)


async def test_what_was_acknowledged_outlives_every_kill_once_and_in_order(ground: Ground) -> None:
    plan = Plan(
        SEED,
        REQUESTS,
        KILLS,
        other_kills=OTHERS_KILLED,
        longest=size(900, 14_400),
        patience=size(900, 7200),
    )
    outcome = await attacked(ground, plan)
    _report(outcome)
    assert not outcome.findings.counts, f"seed {SEED}: {outcome.findings}"
    assert outcome.killed.keys() == POINTS.keys(), "a point was never reached"
    assert outcome.killed.total() >= KILLS
    assert outcome.events >= EVENTS


@pytest.mark.parametrize(
    ("variant", "points", "expected"),
    [
        ("offsets before effect", ["before inbox insert"], "never reached deadlines"),
        ("no inbox", ["before offset commit"], "effect twice"),
        ("outbox after commit", ["after commit"], "stored and not published"),
        ("marked before acknowledged", ["before send"], "published and never sent"),
    ],
)
async def test_the_checker_finds_a_system_that_is_built_wrongly(
    ground: Ground, variant: str, points: Sequence[str], expected: str
) -> None:
    outcome = await attacked(ground, Plan(SEED, 400, 8, points, variant=variant))
    print(f"{variant}: {dict(outcome.findings.counts)}")
    assert outcome.findings.counts[expected], f"seed {SEED}: {outcome.findings}"


def _report(outcome: Outcome) -> None:
    record(
        "nothing-lost",
        kills=outcome.killed.total(),
        kills_by_service=outcome.killed_by_service,
        kills_by_point=dict(sorted(outcome.killed.items())),
        others_killed=dict(outcome.others_killed),
        requests_acknowledged=outcome.acknowledged["notified"] + outcome.acknowledged["decided"],
        partner_messages=outcome.acknowledged["submitted"],
        events=outcome.events,
        records_on_the_bus=outcome.records,
        sent_again_by_a_stranger=outcome.repeats,
        findings=dict(outcome.findings.counts),
        seconds=outcome.seconds,
    )
    print(dict(outcome.statuses))
