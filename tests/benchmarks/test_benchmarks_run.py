"""Every benchmark still runs and says what it promises; nothing here depends on how fast."""

import msgspec
import pytest

from deploy.local.kafka import EmbeddedKafka
from tests.benchmarks.compare import compared
from tests.benchmarks.effort import TINY
from tests.benchmarks.results import Goal, read, result, told
from tests.benchmarks.rounds import Measured, interleaved, ratio
from tests.benchmarks.rows import ROWS, measure_of
from tests.benchmarks.servers import Servers
from tests.servers import PostgresServer


@pytest.fixture
def servers(postgres: PostgresServer, broker: EmbeddedKafka) -> Servers:
    """The servers of the tests."""
    return Servers(postgres, broker)


@pytest.mark.parametrize("name", ROWS)
async def test_a_benchmark_runs_and_reports_its_goals(name: str, servers: Servers) -> None:
    made = await measure_of(name)(TINY, servers)

    assert made.name == name
    assert made.goals
    assert all(goal.value > 0 for goal in made.goals)
    assert read(msgspec.json.encode(made)) == made


async def test_contenders_take_turns_and_the_first_round_does_not_count() -> None:
    asked: list[str] = []

    async def run(name: str) -> float:
        asked.append(name)
        return float(len(asked))

    found = await interleaved({"a": lambda: run("a"), "b": lambda: run("b")}, rounds=2)

    assert asked == ["a", "b", "b", "a", "a", "b"]
    assert found["a"].rounds == [4, 5]
    assert found["b"].rounds == [3, 6]


def test_a_ratio_compares_round_with_round() -> None:
    slow, fast = Measured.of([10, 20, 30]), Measured.of([20, 40, 60])

    assert ratio(slow, fast) == Measured(median=0.5, spread=0, rounds=[0.5, 0.5, 0.5])


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("rate", 0.6, at_least=0.6), True),
        (Goal("rate", 0.59, at_least=0.6), False),
        (Goal("time", 25, at_most=25), True),
        (Goal("time", 26, at_most=25), False),
    ],
)
def test_a_goal_is_met_or_missed(goal: Goal, met: bool) -> None:
    made = result("x", "some work", goals=[goal], figures={}, rounds=1)

    assert goal.met is met
    assert ("MISSED" in told(made)) is not met


def test_every_checked_in_result_can_be_compared() -> None:
    assert not [line for line in compared() if not line.strip()]
