"""Promise: events of one key leave in order, though relays are frozen and others take over.

Attack: four relay processes share an outbox under load, each under a lease of two seconds. Again
and again one is frozen (SIGSTOP) past its lease: when it is about to hand a batch over, after the
bus has acknowledged one and before it is settled, in the middle of a database transaction with all
its locks, or wherever it is. It is woken when others have sent what it held. The topic is read as a
log: no number may be missing, none may jump ahead.

Control: the same with fencing off: a woken relay takes itself for the owner still, and sends.
"""

from collections.abc import Sequence

import pytest

from shared.messaging.relay import BATCH, ON_THEIR_WAY
from tests.chaos.figures import record
from tests.chaos.freezing_relay import HANDING_OVER
from tests.chaos.ledger_service import Load, effects_of, ledger_service, settled, under_load
from tests.chaos.order import Verdict, judge
from tests.chaos.readers import has_all, not_once
from tests.chaos.relays import Relays, relays
from tests.chaos.sizes import SEED, size
from tests.chaos.topic_log import numbers_of, topic_log
from tests.messaging.ledger import Ledger, until
from tests.servers import PostgresServer

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

KEYS = [f"key-{number}" for number in range(200)]
RELAYS, LEASE_SECONDS = 4, 2.0
FREEZES = size(4, 100)
WITHIN_SECONDS = size(180, 600)
# A load that one listener can follow, however long the attack is.
PAUSE_SECONDS = 0.1


async def test_relays_frozen_past_their_lease_put_nothing_out_of_order(
    postgres: PostgresServer, kafka: str
) -> None:
    async with ledger_service(postgres, kafka) as ledger:
        load = Load(ledger, KEYS, pause=PAUSE_SECONDS)
        listener = ledger.listener()
        await listener.start()
        async with relays(ledger, RELAYS, LEASE_SECONDS, SEED) as four:
            async with under_load(load):
                for _ in range(FREEZES):
                    await four.freeze_one()
            await until(lambda: settled(ledger), within=WITHIN_SECONDS)
            verdict = await _judged(ledger, load)
            await until(lambda: has_all(ledger, load.acknowledged), WITHIN_SECONDS, every=0.5)
            await listener.stop()
            await _expect_kept(ledger, load, verdict, four)


async def test_with_fencing_off_the_woken_relay_overtakes_and_is_found_out(
    postgres: PostgresServer, kafka: str
) -> None:
    async with ledger_service(postgres, kafka) as ledger:
        load = Load(ledger, KEYS)
        fencing_off = {"SCRUTINY_CHAOS_FENCING": "off"}
        async with relays(ledger, RELAYS, LEASE_SECONDS, SEED, **fencing_off) as four:
            async with under_load(load):
                for _ in range(3):
                    await four.freeze_one(HANDING_OVER)
            await until(lambda: settled(ledger), within=WITHIN_SECONDS)
        verdict = await _judged(ledger, load)
    assert not verdict.kept
    assert verdict.lost == []
    key, number, following = verdict.overtaken[0]
    assert following > number + 1, key


@pytest.mark.parametrize(
    ("numbers", "lost", "overtaken"),
    [
        ([1, 2, 3, 4], [], []),
        ([1, 2, 1, 2, 3, 4], [], []),
        ([1, 2, 4], [("a", 3)], [("a", 2, 4)]),
        ([1, 2, 4, 3, 4], [], [("a", 2, 4)]),
        ([1, 2, 3, 1, 4], [], [("a", 1, 4)]),
        ([2, 3, 4], [("a", 1)], [("a", 0, 2)]),
        ([1, 2, 3], [("a", 4)], []),
        ([], [("a", 1), ("a", 2), ("a", 3), ("a", 4)], []),
    ],
)
def test_the_judge_of_a_log_finds_what_is_missing_and_what_overtook(
    numbers: Sequence[int], lost: Sequence[object], overtaken: Sequence[object]
) -> None:
    verdict = judge({"a": numbers}, {"a": 4})
    assert (verdict.lost, verdict.overtaken) == (lost, overtaken)


async def _judged(ledger: Ledger, load: Load) -> Verdict:
    return judge(numbers_of(topic_log(ledger.bootstrap, ledger.topic.name)), load.acknowledged)


async def _expect_kept(ledger: Ledger, load: Load, verdict: Verdict, four: Relays) -> None:
    effects = await effects_of(ledger)
    wrong = not_once(effects, load.acknowledged)
    record(
        "order-under-takeover",
        freezes=dict(four.frozen),
        events=verdict.events,
        lost=len(verdict.lost),
        overtaken=len(verdict.overtaken),
        said_again=verdict.repeated,
        effects_not_once=len(wrong),
    )
    assert verdict.kept, (verdict.lost[:5], verdict.overtaken[:5])
    assert wrong == {}
    # Of each freeze, only what was in hand or on its way is said again: by its heirs.
    assert verdict.repeated <= BATCH * (ON_THEIR_WAY + 1) * FREEZES
