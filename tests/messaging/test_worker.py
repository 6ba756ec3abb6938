"""A worker starts its parts, says how they are, and stops them whatever one of them does."""

import asyncio
from typing import Any

from sqlalchemy import select

from shared.operations.progress import NoProgress, operations, progress_checks
from shared.timer import Timer
from shared.worker import Worker
from tests.messaging.ledger import NOW, PLUMBING, Ledger, until


class Stubborn(Timer):
    """Fails when it is told to stop."""

    async def stop(self) -> None:
        await super().stop()
        raise RuntimeError("will not")


async def nothing() -> None:
    """Do it again."""


async def reports(ledger: Ledger) -> list[Any]:
    async with ledger.transactions.begin() as tx:
        return list((await tx.session.execute(select(PLUMBING.messaging.worker_state))).all())


async def healthy(ledger: Ledger) -> bool:
    try:
        for check in progress_checks(ledger.transactions):
            await check.ask()
    except NoProgress:
        return False
    return True


async def has_listed(ledger: Ledger, lag: int) -> bool:
    consumers = (await operations(ledger.transactions))["consumers"]
    return sum(one["position"] for one in consumers) == lag


async def test_it_works_reports_and_leaves(bus_ledger: Ledger) -> None:
    worker = Worker(
        bus_ledger.transactions,
        relay=bus_ledger.relay(),
        listener=bus_ledger.listener(),
        timers=[Timer("one", 60, nothing), Stubborn("two", 60, nothing)],
    )
    assert not await healthy(bus_ledger)
    await worker.start()
    await bus_ledger.note_many(["a", "b"], 3)
    await until(lambda: healthy(bus_ledger))
    await until(lambda: has_listed(bus_ledger, 6))
    told = await operations(bus_ledger.transactions)
    assert told["outbox"]["unsent"] == 0
    assert [timer["name"] for timer in told["timers"]] == ["one", "two"]
    assert {one["lag"] for one in told["consumers"]} == {0}
    assert len(told["relay"][0]["shards"]) == 16
    async with asyncio.timeout(10):
        await worker.stop()
    assert await reports(bus_ledger) == []
    assert await bus_ledger.effects() == {"a": [1, 2, 3], "b": [1, 2, 3]}


async def test_a_service_that_sends_nothing_yet_is_well_too(bus_ledger: Ledger) -> None:
    worker = Worker(bus_ledger.transactions, relay=bus_ledger.relay())
    await worker.start()
    await until(lambda: healthy(bus_ledger))
    await worker.stop()


async def test_a_worker_that_is_gone_is_forgotten_in_the_end(bus_ledger: Ledger) -> None:
    table = PLUMBING.messaging.worker_state
    async with bus_ledger.transactions.begin() as tx:
        gone = table.insert().values(owner="gone", state={}, seen_at=NOW)
        await tx.session.execute(gone)
    worker = Worker(bus_ledger.transactions, relay=bus_ledger.relay())
    await worker.start()
    await until(lambda: _only_one_reports(bus_ledger))
    await worker.stop()


async def _only_one_reports(ledger: Ledger) -> bool:
    owners = [row.owner for row in await reports(ledger)]
    return len(owners) == 1 and owners != ["gone"]
