"""Promise: what was parked is kept in line, and takes effect in order once a person lets it.

Attack: handlers with a bug park what they meet while the load goes on; after the fix every lane is
redriven, several at once, while its keys go on. And partners' lanes that stand behind a message
without an id, given up through the operator's door: never without a reason.

Control: a redrive that takes a lane's messages in any order.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from sqlalchemy import Select, Table, select, text

from deploy.local.kafka import EmbeddedKafka
from shared.events.envelope import Headers
from shared.events.topics import partner_receipts
from shared.messaging.inbox import Consumer
from shared.transaction import Transaction
from tests.chaos.figures import record
from tests.chaos.intake_process import intake_process
from tests.chaos.ledger_service import (
    Load,
    effects_of,
    ledger_service,
    relaying,
    settled,
    under_load,
)
from tests.chaos.operating import Operator
from tests.chaos.partner_outcomes import until_done
from tests.chaos.partner_sending import Partners, partner_bus
from tests.chaos.poison import Message, good
from tests.chaos.readers import has_all, not_once
from tests.chaos.sizes import SEED, size
from tests.chaos.topic_log import topic_log
from tests.conftest import FreshDatabase
from tests.messaging.ledger import Ledger, Noted, until
from tests.servers import PostgresServer

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

LANES = size(10, 200)
KEYS = [f"key-{number}" for number in range(size(60, 600))]
PARKED_LANES = size(40, 500)
WITHIN_SECONDS = 300

_ANSWERED = """SELECT (SELECT count(*) FROM partner_messages) AS answered,
                      (SELECT count(*) FROM outbox WHERE sent_at IS NULL) AS unsent"""


_LANES = text("SELECT count(DISTINCT lane) FROM parked")


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A bus with two partners."""
    with partner_bus(tmp_path_factory.mktemp("parking-bus")) as server:
        yield server


async def test_a_lane_goes_on_in_order_once_a_person_has_given_a_reason(
    bus: EmbeddedKafka, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    url, partners = fresh_database("intake"), Partners(bus)
    lanes = [f"lane-{SEED}-{number}".encode() for number in range(LANES)]
    async with (
        intake_process(url, bus.bootstrap, tmp_path) as intake,
        Operator(intake.url) as operator,
    ):
        await asyncio.to_thread(partners.send, [_without_id(lane) for lane in lanes])
        await asyncio.to_thread(partners.send, _in_lanes(lanes, 1, 4))
        await until_done(url, LANES * 4, intake.log)
        await _expect_one_without_id_and_the_rest_behind(operator)
        later = asyncio.to_thread(partners.send, _in_lanes(lanes, 4, 8))
        await asyncio.gather(later, _redrive_whoever_waits(operator))
        await until(lambda: _answered(url, operator, LANES * 7), within=WITHIN_SECONDS)
    assert await _accepted_in_order(bus, lanes) == {lane: [*range(1, 8)] for lane in lanes}


async def test_after_a_fix_every_lane_is_redriven_in_order_while_its_keys_go_on(
    postgres: PostgresServer, kafka: str
) -> None:
    async with ledger_service(postgres, kafka) as ledger, relaying(ledger):
        # Slower than a redrive, which could never come to the end of a lane otherwise.
        load = Load(ledger, KEYS, pause=0.3, at_once=4)
        fault = ledger.listener(ledger.consumer(_raise_now_and_then))
        await fault.start()
        async with under_load(load):
            await until(lambda: _parked_are(ledger, PARKED_LANES), within=WITHIN_SECONDS)
            await fault.stop()
            mended = ledger.consumer()
            listener = ledger.listener(mended)
            await listener.start()
            redriven = await _redrive_all(ledger, mended)
        await until(lambda: settled(ledger), within=WITHIN_SECONDS)
        while not await has_all(ledger, load.acknowledged):
            redriven += await _redrive_all(ledger, mended)
        await listener.stop()
        wrong = not_once(await effects_of(ledger), load.acknowledged)
        events = sum(load.acknowledged.values())
    record("poison-redriven", events=events, redriven=redriven, not_once_in_order=len(wrong))
    assert redriven >= PARKED_LANES
    assert wrong == {}


async def test_a_redrive_out_of_order_is_found_out(
    postgres: PostgresServer, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last_first(table: Table, lane: str) -> Select[Any]:
        waiting = select(table).where(table.c.lane == lane, table.c.state == "waiting")
        return waiting.order_by(table.c.position.desc()).limit(1).with_for_update()

    monkeypatch.setattr("shared.messaging.parking._line", last_first)
    async with ledger_service(postgres, kafka) as ledger:
        bad = ledger.consumer(_raise_now_and_then)
        await bad.take([ledger.delivery(number) for number in range(1, 6)])
        assert await _redrive_all(ledger, ledger.consumer()) == 3
        wrong = not_once(await effects_of(ledger), {"a": 5})
    assert wrong == {"a": [1, 2, 5, 4, 3]}


def _without_id(lane: bytes) -> Message:
    whole = good(SEED, 0)
    named = [(name, value) for name, value in whole.headers if name != "ce_id"]
    return replace(whole, headers=named, key=lane)


def _in_lanes(lanes: Sequence[bytes], first: int, end: int) -> list[Message]:
    """Good messages numbered from `first`, one a lane, then the next one a lane."""
    return [
        replace(good(SEED, number), headers=_named(good(SEED, number), lane), key=lane)
        for number in range(first, end)
        for lane in lanes
    ]


def _named(whole: Message, lane: bytes) -> list[tuple[str, bytes]]:
    own = lane + f"/{whole.number}".encode()
    return [(name, own if name == "ce_id" else value) for name, value in whole.headers]


async def _expect_one_without_id_and_the_rest_behind(operator: Operator) -> None:
    waiting = await operator.waiting()
    assert [one["reason"] for one in waiting].count("behind") == LANES * 3
    for one in waiting:
        if one["reason"] != "behind":
            assert await operator.redrive(one["id"]) == 0
            await _expect_a_reason_is_needed(operator, one["id"])


async def _redrive_whoever_waits(operator: Operator) -> None:
    while waiting := await operator.waiting():
        await operator.redrive(waiting[0]["id"])


async def _answered(url: str, operator: Operator, count: int) -> bool:
    """Each good one has a receipt, those that came late and had to wait in line included."""
    await _redrive_whoever_waits(operator)
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(_ANSWERED)
    finally:
        await connection.close()
    return row is not None and tuple(row) == (count, 0)


async def _expect_a_reason_is_needed(operator: Operator, parked: str) -> None:
    for reason in (None, "", "   ", "no"):
        assert (await operator.discard(parked, reason)).status_code in {400, 422}
    answer = await operator.discard(parked, "Sent without an id; Fife sends it again.")
    assert (answer.status_code, answer.json()["state"]) == (200, "discarded")


async def _accepted_in_order(bus: EmbeddedKafka, lanes: Sequence[bytes]) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {lane: [] for lane in lanes}
    log = await asyncio.to_thread(topic_log, bus.bootstrap, partner_receipts("fife").name)
    for record_ in log:
        if record_.key() in found:
            answered = msgspec.json.decode(record_.value())["in_reply_to"]
            found[record_.key()].append(int(answered.rpartition("/")[2]))
    return found


async def _raise_now_and_then(_: Transaction, event: Noted, __: Headers) -> None:
    """A bug in a handler, until it is mended."""
    if event.number % 7 == 3:
        raise ValueError


async def _parked_are(ledger: Ledger, lanes: int) -> bool:
    async with ledger.database.session() as session:
        return (await session.scalar(_LANES) or 0) >= lanes


async def _redrive_all(ledger: Ledger, consumer: Consumer) -> int:
    """Every lane where somebody waits, several at once."""
    waiting = {row.lane for row in await ledger.parked() if row.state == "waiting"}
    return sum(await asyncio.gather(*(consumer.redrive(one, "operator") for one in waiting)))
