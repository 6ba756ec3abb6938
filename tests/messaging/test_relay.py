"""From the outbox to the bus: in order per key, shared by shard, and only ever repeated."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.events.topics import Topic
from shared.messaging import claims, meeting
from shared.messaging.bell import OutboxBell
from shared.messaging.bus import Bus, BusAway
from shared.messaging.claims import claim, forget_sent, mark_sent
from shared.messaging.leases import Leases
from shared.messaging.meeting import meet_bus
from shared.messaging.outbox import shard_of
from shared.messaging.relay import Relay
from shared.messaging.tables import SHARDS
from shared.service import OUTBOX_KEPT
from tests.messaging.bus_reading import first_times, make_topic, numbers_per_key, records
from tests.messaging.ledger import Ledger, Noted, until

ALL_SHARDS = set(range(SHARDS))
KEYS = [f"key-{number}" for number in range(12)]


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    for relay in relays:
        await relay.start()
    try:
        yield
    finally:
        await asyncio.gather(*(relay.stop() for relay in relays))


async def everything_sent(ledger: Ledger) -> bool:
    return await ledger.unsent() == 0


async def on_the_bus(ledger: Ledger) -> dict[str, list[int]]:
    return numbers_per_key(await records(ledger.bootstrap, ledger.topic.name))


def assert_in_order(found: dict[str, list[int]], last: int) -> None:
    """Every event of every key, and whatever came twice came first in its place."""
    once = {key: first_times(numbers) for key, numbers in found.items()}
    assert once == {key: list(range(1, last + 1)) for key in KEYS}


async def renewed(ledger: Ledger, *leases: Leases) -> None:
    for one in leases:
        await one.renew(ledger.database)


def shares(leases: Sequence[Leases]) -> list[int]:
    """How many shards each has; fails if any is held twice or by nobody."""
    held = [shard for one in leases for shard in one.epochs]
    assert sorted(held) == sorted(ALL_SHARDS)
    return [len(one.epochs) for one in leases]


async def test_events_reach_the_bus_in_order_with_their_headers(bus_ledger: Ledger) -> None:
    await bus_ledger.note_many(KEYS, 5)
    async with running(bus_ledger.relay()):
        await until(lambda: everything_sent(bus_ledger))
    found = await records(bus_ledger.bootstrap, bus_ledger.topic.name)
    assert numbers_per_key(found) == {key: [1, 2, 3, 4, 5] for key in KEYS}
    rows = {row.event_id: row for row in await bus_ledger.outbox()}
    for record in found:
        headers = dict(record.headers)
        row = rows.pop(headers["ce_id"].decode())
        assert (record.value, headers["ce_source"].decode()) == (row.body, bus_ledger.name)
    assert rows == {}


async def test_the_hint_makes_it_quick_and_it_works_without(
    bus_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OutboxBell, "ring", lambda _: None)
    async with running(bus_ledger.relay()):
        for _ in range(3):
            await bus_ledger.note_many(["a"], 1)
            await until(lambda: everything_sent(bus_ledger))
    assert await on_the_bus(bus_ledger) == {"a": [1, 2, 3]}


async def test_a_lost_listening_connection_is_replaced_and_not_leaked(bus_ledger: Ledger) -> None:
    listening = text(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        " AND datname = current_database()"
    )
    async with running(bus_ledger.relay()):
        for _ in range(4):
            await until(lambda: _is_listening(bus_ledger))
            async with bus_ledger.database.engine.begin() as connection:
                for pid in (await connection.scalars(listening)).all():
                    await connection.execute(text(f"SELECT pg_terminate_backend({pid})"))
            await bus_ledger.note_many(["a"], 1)
            await until(lambda: everything_sent(bus_ledger))
        await until(lambda: _is_listening(bus_ledger))
    assert "Current Checked out connections: 0" in bus_ledger.database.engine.pool.status()


async def _is_listening(ledger: Ledger) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    async with ledger.database.engine.connect() as connection:
        found = await connection.scalar(text(query + " AND datname = current_database()"))
    return found == 1


async def test_leases_are_shared_fairly_and_handed_over(ledger: Ledger) -> None:
    one, two, three = (Leases(name, 30) for name in ("one", "two", "three"))
    await renewed(ledger, one)
    assert shares([one]) == [16]
    await renewed(ledger, two, one, two)
    assert shares([one, two]) == [8, 8]
    await renewed(ledger, three, one, two, three)
    assert max(shares([one, two, three])) == 6
    await two.release(ledger.database)
    await renewed(ledger, one, three)
    assert shares([one, three]) == [8, 8]


async def test_relays_that_renew_at_once_never_share_a_shard(ledger: Ledger) -> None:
    several = [Leases(f"relay-{number}", 30) for number in range(5)]
    for _ in range(4):
        await asyncio.gather(*(renewed(ledger, one) for one in several))
        held = [shard for one in several for shard in one.epochs]
        assert len(held) == len(set(held))
    assert max(shares(several)) == 4


async def test_leases_that_ran_out_are_taken_over_with_a_new_epoch(ledger: Ledger) -> None:
    gone, heir = Leases("gone", 0.3), Leases("heir", 0.3)
    await renewed(ledger, gone)
    await renewed(ledger, heir)
    assert heir.epochs == {}
    await asyncio.sleep(0.4)
    assert not gone.hold()
    await renewed(ledger, heir)
    assert shares([heir]) == [16]
    assert all(heir.epochs[shard] > gone.epochs[shard] for shard in ALL_SHARDS)


async def test_a_relay_whose_lease_has_moved_settles_nothing(ledger: Ledger) -> None:
    await ledger.note_many(["a"], 3)
    old, new = Leases("old", 0.2), Leases("new", 30)
    await renewed(ledger, old)
    await asyncio.sleep(0.3)
    await renewed(ledger, new)
    positions = [row.position for row in await ledger.outbox()]
    await meet_bus(ledger.database, "bus")
    assert await mark_sent(ledger.database, "old", old.epochs, "bus", positions) == 0
    assert await mark_sent(ledger.database, "new", old.epochs, "bus", positions) == 0
    assert await mark_sent(ledger.database, "new", new.epochs, "bus", positions) == 3


async def test_what_went_to_a_bus_that_was_replaced_is_not_settled(ledger: Ledger) -> None:
    await ledger.note_many(["a"], 3)
    lease = Leases("one", 30)
    await renewed(ledger, lease)
    positions = [row.position for row in await ledger.outbox()]
    assert await meet_bus(ledger.database, "first") == 0
    assert await _settle(ledger, lease, "first", positions[:2]) == 2
    assert await meet_bus(ledger.database, "first") == 0
    async with ledger.database.engine.begin() as connection:
        # A relay that was still writing to the first comes to settle while the second is met.
        await connection.execute(text("SELECT FROM relay_bus FOR UPDATE"))
        settling = asyncio.create_task(_settle(ledger, lease, "first", positions))
        meeting = asyncio.create_task(meet_bus(ledger.database, "second"))
        await asyncio.sleep(0.1)
        assert not settling.done()
        assert not meeting.done()
    # Either came first; what it settled is sent again.
    assert await meeting == 2 + (await settling > 0)
    assert await _settle(ledger, lease, "first", positions) == 0
    assert await ledger.unsent() == 3


async def test_much_is_sent_again_in_steps_and_a_step_that_is_cut_off_is_made_good(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meeting, "STEP", 4)
    await ledger.note_many(["a"], 10)
    lease, database = Leases("one", 30), ledger.database
    await renewed(ledger, lease)
    positions = [row.position for row in await ledger.outbox()]
    await meet_bus(database, "first")
    assert await _settle(ledger, lease, "first", positions) == 10
    with monkeypatch.context() as patch:
        patch.setattr(meeting, "_SEND_AGAIN", text("SELECT 1 / 0, :after + :step"))
        with pytest.raises(DBAPIError):
            await meet_bus(database, "second")
    # Neither bus is the one that is remembered: nothing of either is settled.
    assert await _settle(ledger, lease, "first", positions) == 0
    assert await _settle(ledger, lease, "second", positions) == 0
    assert await meet_bus(database, "second") == 10
    assert await ledger.unsent() == 10
    assert await _settle(ledger, lease, "second", positions) == 10


async def test_relays_that_meet_a_bus_at_once_leave_everything_to_be_sent(ledger: Ledger) -> None:
    await ledger.note_many(["a"], 5)
    lease, database = Leases("one", 30), ledger.database
    await renewed(ledger, lease)
    await meet_bus(database, "first")
    await _settle(ledger, lease, "first", [row.position for row in await ledger.outbox()])
    assert sum(await asyncio.gather(*(meet_bus(database, "second") for _ in range(4)))) == 5
    assert await ledger.unsent() == 5


async def test_the_next_batch_is_found_without_looking_at_what_was_sent(ledger: Ledger) -> None:
    async with ledger.database.engine.begin() as connection:
        await connection.execute(text(_MANY_SENT))
        await connection.execute(text("ANALYZE outbox"))
        await connection.execute(text(_MANY_SENT.replace("now() FROM", "NULL FROM")))
    connection = await asyncpg.connect(ledger.url)
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    asked = list(range(SHARDS)), [], [], 500
    plan = await connection.fetch("EXPLAIN " + claims._CLAIM, *asked)
    await connection.close()
    lines = "\n".join(line for (line,) in plan)
    assert "hashed SubPlan" in lines
    assert "ix_outbox_unsent" in lines
    assert "Sort" not in lines


_MANY_SENT = """
INSERT INTO outbox (event_id, shard, topic, key, sequence, type, subject, body, sent_at)
SELECT n, n % 16, 't', n, 1, 't', 's', '', now() FROM generate_series(1, 20000) n
"""


async def _settle(ledger: Ledger, lease: Leases, cluster: str, positions: list[int]) -> int:
    return await mark_sent(ledger.database, "one", lease.epochs, cluster, positions)


class FrozenBus(Bus):
    """A process that is stopped just before it would send, for as long as the test wants."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap)
        self.reached, self.thawed = asyncio.Event(), asyncio.Event()
        self.thawed.set()

    async def cluster_id(self) -> str:
        cluster = await super().cluster_id()
        self.reached.set()
        await self.thawed.wait()
        return cluster


async def test_a_relay_frozen_past_its_lease_sends_nothing_it_had_claimed(
    bus_ledger: Ledger,
) -> None:
    bus = FrozenBus(bus_ledger.bootstrap)
    frozen = Relay(bus_ledger.name, bus_ledger.database, bus, lease_seconds=0.6)
    await frozen.relay_once()
    await bus_ledger.note_many(["a"], 3)
    bus.thawed.clear()
    bus.reached.clear()
    sending = asyncio.create_task(frozen.relay_once())
    await bus.reached.wait()
    await asyncio.sleep(0.7)
    async with running(bus_ledger.relay()):
        await bus_ledger.note_many(["a"], 3)
        await until(lambda: everything_sent(bus_ledger))
        bus.thawed.set()
        with pytest.raises(BusAway):
            await sending
    await frozen.stop()
    assert await on_the_bus(bus_ledger) == {"a": [1, 2, 3, 4, 5, 6]}


async def test_a_relay_frozen_between_its_question_and_the_socket_sends_nothing(
    bus_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = iter([True])
    monkeypatch.setattr(Leases, "hold", lambda _: next(held, False))
    relay = bus_ledger.relay()
    await relay.relay_once()
    await bus_ledger.note_many(["a"], 3)
    with pytest.raises(BusAway):
        await relay.relay_once()
    assert next(held, None) is None
    await relay.stop()
    assert await on_the_bus(bus_ledger) == {}
    assert await bus_ledger.unsent() == 3


async def test_processes_that_are_stopped_and_killed_only_ever_repeat(bus_ledger: Ledger) -> None:
    program = [sys.executable, "-m", "tests.messaging.relaying"]
    told = [bus_ledger.url, bus_ledger.bootstrap, bus_ledger.name, "0.5"]
    process = await asyncio.create_subprocess_exec(
        *program, *told, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    await process.stdout.readline()
    noting = asyncio.create_task(bus_ledger.note_many(KEYS, 25))
    await until(lambda: _some_sent(bus_ledger))
    async with running(bus_ledger.relay(0.5)):
        for _ in range(2):
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(0.8)
            process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.3)
        process.kill()
        await process.wait()
        await noting
        await until(lambda: everything_sent(bus_ledger))
    found = await on_the_bus(bus_ledger)
    assert_in_order(found, 25)


async def _some_sent(ledger: Ledger) -> bool:
    return await ledger.unsent() < len(await ledger.outbox())


async def test_two_relays_share_the_work_and_keep_the_order(bus_ledger: Ledger) -> None:
    one, two = bus_ledger.relay(), bus_ledger.relay()
    await one.start()
    noting = asyncio.create_task(bus_ledger.note_many(KEYS, 20))
    async with running(two):
        await noting
        await until(lambda: everything_sent(bus_ledger))
        await one.stop()
        await bus_ledger.note_many(KEYS, 2)
        await until(lambda: everything_sent(bus_ledger))
        assert len((await two.state())["shards"]) == SHARDS
    found = await on_the_bus(bus_ledger)
    assert_in_order(found, 22)


async def test_a_batch_of_which_one_part_fails_is_sent_again_whole(bus_ledger: Ledger) -> None:
    await bus_ledger.note_many(["a"], 2)
    too_large = text("UPDATE outbox SET body = convert_to(repeat('x', 2000000), 'UTF8')")
    async with bus_ledger.database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE kept AS SELECT position, body FROM outbox"))
        await connection.execute(text(f"{too_large} WHERE sequence = 1"))
    relay = bus_ledger.relay()
    await relay.relay_once()
    with pytest.raises(BusAway):
        await relay.relay_once()
    assert await bus_ledger.unsent() == 2
    async with bus_ledger.database.engine.begin() as connection:
        mend = "UPDATE outbox SET body = kept.body FROM kept WHERE kept.position = outbox.position"
        await connection.execute(text(mend))
    async with running(relay):
        await until(lambda: everything_sent(bus_ledger))
    assert first_times((await on_the_bus(bus_ledger))["a"]) == [1, 2]


async def test_a_missing_topic_holds_up_no_other(bus_ledger: Ledger) -> None:
    other = Topic(bus_ledger.name + ".other", bus_ledger.name, (), ())
    async with bus_ledger.transactions.begin() as tx:
        for number in (1, 2):
            event = Noted(number=number)
            await tx.publish(event, subject="x", key="x", sequence=number, topic=other)
    await bus_ledger.note_many(KEYS, 2)
    relay = bus_ledger.relay()
    async with running(relay):
        await until(lambda: _unsent_are(bus_ledger, 2))
        assert (await relay.state())["absent_topics"] == [other.name]
        await bus_ledger.note_many(KEYS, 1)
        await until(lambda: _unsent_are(bus_ledger, 2))
        await make_topic(bus_ledger.bootstrap, other.name)
        relay._sender._absent.clear()  # or wait as long as it is left alone
        await until(lambda: everything_sent(bus_ledger))
    assert await on_the_bus(bus_ledger) == {key: [1, 2, 3] for key in KEYS}
    found = numbers_per_key(await records(bus_ledger.bootstrap, other.name))
    assert found == {"x": [1, 2]}


async def _unsent_are(ledger: Ledger, count: int) -> bool:
    return await ledger.unsent() == count


async def test_claims_are_for_own_shards_only(ledger: Ledger) -> None:
    keys = [uuid4().hex for _ in range(30)]
    await ledger.note_many(keys, 1)
    rows = await claim(ledger.database, [3, 4], 100)
    assert {row.key for row in rows} == {key for key in keys if shard_of(key) in {3, 4}}


async def test_only_old_events_that_were_sent_are_forgotten(ledger: Ledger) -> None:
    await ledger.note_many(["a"], 3)
    sent = "UPDATE outbox SET sent_at = now() - interval '{} days' WHERE sequence = {}"
    async with ledger.database.engine.begin() as connection:
        for days, sequence in ((91, 1), (89, 2)):
            await connection.execute(text(sent.format(days, sequence)))
        assert await forget_sent(connection, OUTBOX_KEPT) == 1
    assert [row.sequence for row in await ledger.outbox()] == [2, 3]
