"""Relays hear of a commit after it, once for many, and nobody's commit waits for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import text

from shared.database import Database
from shared.messaging.bell import OutboxBell
from shared.messaging.tables import OUTBOX_CHANNEL
from tests.messaging.ledger import Ledger, until


@asynccontextmanager
async def heard(url: str) -> AsyncIterator[list[str]]:
    """Every notification on the outbox's channel, while the block runs."""
    found: list[str] = []
    connection = await asyncpg.connect(url)
    await connection.add_listener(OUTBOX_CHANNEL, lambda *told: found.append(told[2]))
    try:
        yield found
    finally:
        await connection.close()


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[OutboxBell]:
    """Every ringing, none of which is passed on."""
    found: list[OutboxBell] = []

    def note(bell: OutboxBell) -> None:
        found.append(bell)

    monkeypatch.setattr(OutboxBell, "ring", note)
    return found


async def test_a_commit_is_heard_of(ledger: Ledger) -> None:
    async with heard(ledger.url) as told:
        async with ledger.transactions.begin() as tx:
            await ledger.note(tx, "a")
        await until(lambda: _heard(told))


async def test_many_commits_at_once_are_told_once(ledger: Ledger) -> None:
    async with heard(ledger.url) as told:
        bell = OutboxBell(ledger.database)
        for _ in range(50):
            bell.ring()
        await bell.rest()
        await until(lambda: _heard(told))
        assert len(told) == 1


async def test_what_is_committed_while_it_rings_is_told_as_well(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    bell, asked = OutboxBell(ledger.database), list[str]()

    async def commits_meanwhile(_: Database, statement: str, __: object) -> None:
        asked.append(statement)
        if len(asked) == 1:
            bell.ring()

    monkeypatch.setattr(Database, "run_alone", commits_meanwhile)
    bell.ring()
    await bell.rest()
    assert asked == [f"NOTIFY {OUTBOX_CHANNEL}"] * 2


async def test_what_is_undone_is_not_told(ledger: Ledger, rung: list[OutboxBell]) -> None:
    async def note_and_fail() -> None:
        async with ledger.transactions.begin() as tx:
            await ledger.note(tx, "a")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await note_and_fail()
    assert rung == []


async def test_a_commit_without_events_is_not_told(ledger: Ledger, rung: list[OutboxBell]) -> None:
    async with ledger.transactions.begin() as tx:
        await tx.session.execute(text("INSERT INTO accounts (key, version) VALUES ('a', 1)"))
    assert rung == []


async def test_it_is_told_after_the_commit_only(ledger: Ledger, rung: list[OutboxBell]) -> None:
    async with ledger.transactions.begin() as tx:
        await ledger.note(tx, "a")
        await tx.flush()
        assert rung == []
    assert len(rung) == 1


async def test_a_database_that_is_away_ends_the_ringing_quietly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    bell = OutboxBell(away)
    bell.ring()
    await bell.rest()
    await away.dispose()
    assert "relay not woken" in capsys.readouterr().out


async def _heard(told: list[str]) -> bool:
    return bool(told)
