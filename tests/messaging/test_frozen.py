"""Who freezes in the middle of a database transaction keeps its locks, but not for ever."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest
from sqlalchemy import text

from shared import connections
from shared.errors import Unavailable
from shared.messaging.leases import Leases
from tests.messaging.ledger import Ledger, until
from tests.messaging.relaying import FROZEN_FOR_GOOD

LEASE_SECONDS = 1.0
KEYS = ["a", "b", "c", "d"]


@asynccontextmanager
async def frozen(ledger: Ledger, transaction: int, *how: str) -> AsyncIterator[None]:
    """Another process's relay that has stopped itself in its first or second transaction."""
    told = [ledger.url, ledger.bootstrap, ledger.name, str(LEASE_SECONDS), str(transaction), *how]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.messaging.relaying", *told, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await until(lambda: _is_stopped(process.pid))
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def _is_stopped(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_STOPPED


@pytest.mark.parametrize("transaction", [1, 2], ids=["renewing its leases", "meeting the bus"])
async def test_others_take_over_from_a_relay_that_is_frozen_while(
    bus_ledger: Ledger, transaction: int
) -> None:
    await bus_ledger.note_many(KEYS, 3)
    async with frozen(bus_ledger, transaction):
        heir = bus_ledger.relay(LEASE_SECONDS)
        await heir.start()
        try:
            await until(lambda: _everything_sent(bus_ledger), within=30)
        finally:
            await heir.stop()


async def _everything_sent(ledger: Ledger) -> bool:
    return await ledger.unsent() == 0


async def test_one_whose_transactions_have_no_end_keeps_its_shards_from_everybody(
    bus_ledger: Ledger,
) -> None:
    """The control: the same freeze, survived above, in a transaction that nobody undoes."""
    async with frozen(bus_ledger, 1, FROZEN_FOR_GOOD):
        heir = Leases("heir", LEASE_SECONDS)
        for _ in range(8):
            await asyncio.sleep(LEASE_SECONDS / 2)
            await heir.renew(bus_ledger.database)
            assert heir.epochs == {}
    await until(lambda: _has_taken(bus_ledger, heir))


async def _has_taken(ledger: Ledger, heir: Leases) -> bool:
    await heir.renew(ledger.database)
    return len(heir.epochs) > 0


async def test_a_consumer_that_is_frozen_lets_its_heirs_have_its_messages_in_the_end(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would be taken for poison if they kept somebody waiting longer than a statement may."""
    assert connections.IDLE_SECONDS < connections.STATEMENT_SECONDS
    monkeypatch.setattr(connections, "IDLE_SECONDS", 1)
    frozen = Ledger(ledger.url)
    with pytest.raises(Unavailable):
        await _outlived(frozen, ledger)
    await frozen.database.dispose()


async def _outlived(frozen: Ledger, heir: Ledger) -> None:
    async with frozen.transactions.begin() as tx:
        assert await tx.first_time("message-1")
        async with heir.transactions.begin() as after:
            assert await after.first_time("message-1")
        await tx.session.execute(text("SELECT 1"))
