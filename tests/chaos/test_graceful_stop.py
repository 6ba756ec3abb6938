"""A service told to stop under load finishes what it has begun, and leaves nothing behind."""

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.chaos.battle import Battle
from tests.chaos.checker import Findings
from tests.chaos.figures import record
from tests.chaos.ground import Ground
from tests.chaos.sizes import SEED, size
from tests.chaos.stops import Stop, Stopper

pytestmark = [pytest.mark.chaos, pytest.mark.asyncio(loop_scope="module")]

STOPS = size(6, 200)
# As long as it may take to send a mail about everything that was notified meanwhile.
REST_SECONDS = size(300, 3600)


async def test_a_stop_under_load_costs_nobody_an_answer_and_nothing_twice(ground: Ground) -> None:
    battle = await Battle.begun(ground, SEED)
    stops, findings, events = await stopped(battle, STOPS)
    record(
        "graceful-stop",
        stops=len(stops),
        stops_by_service=dict(Counter(one.service for one in stops)),
        slowest_seconds=round(max(one.seconds for one in stops), 1),
        most_delivered_again=max(one.again for one in stops),
        delivered_again=sum(one.again for one in stops),
        requests_acknowledged=battle.ledger.requests,
        events=events,
        findings=dict(findings.counts),
    )
    assert not findings.counts, f"seed {SEED}: {findings}"


async def test_a_stop_that_finishes_nothing_is_found_out(ground: Ground) -> None:
    battle = await Battle.begun(ground, SEED)
    _, findings, _ = await stopped(battle, 4, variant="gone at once")
    print(dict(findings.counts))
    assert findings.counts["left leases or a place behind"], f"seed {SEED}: {findings}"


async def stopped(
    battle: Battle, times: int, variant: str | None = None
) -> tuple[Sequence[Stop], Findings, int]:
    """Stop so often under load; what the stops and the checker say."""
    battle.honest = {201, 409}
    stopper = Stopper(battle, variant)
    await stopper.start()
    async with battle.load(repeating=False) as notifiers:
        stops = [await stopper.next() for _ in range(times)]
    stops += await stopper.end()
    evidence, findings = await battle.ended(variant, patience=REST_SECONDS)
    for stop in stops:
        findings.add(stop.findings())
    findings.add(("an answer withheld", key) for key in notifiers.replayed)
    return stops, findings, evidence.events
