"""Events and acts with sensible defaults: a test sets only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from services.deadlines.domain.facts import Completion, Decision
from services.deadlines.storage.rulebook_files import load_rulebook
from services.deadlines.storage.tables import PLUMBING
from services.deadlines.use_cases.apply_decision import apply_decision
from services.deadlines.use_cases.complete_obligation import complete_obligation
from services.deadlines.use_cases.start_clocks import start_clocks
from services.deadlines.use_cases.sweep_due_clocks import sweep_due_clocks
from shared.events.intake import NotificationReceived
from shared.transaction import Transactions
from tests.deadlines.official import FIFE

LAC = "death-looked-after-child"
RULEBOOK = load_rulebook()
CASE = "0199-case"
REFERENCE = "SN-2026-000001"
# The death, in winter; the notification comes three hours later.
DIED = datetime(2026, 2, 10, 12, tzinfo=UTC)
RECEIVED = DIED + timedelta(hours=3)
# By the end of 10 March.
REPORT_DUE = datetime(2026, 3, 11, tzinfo=UTC)
REPORT_WARNS = datetime(2026, 3, 4, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def notification(**given: Any) -> NotificationReceived:
    """A death notified in good time."""
    usual = {
        "reference": REFERENCE,
        "kind": LAC,
        "area": FIFE,
        "occurred_at": DIED,
        "aware_at": DIED,
        "received_at": RECEIVED,
    }
    return NotificationReceived(**(usual | given))


async def started(
    transactions: Transactions, now: datetime = RECEIVED, case: str = CASE, **given: Any
) -> None:
    """A case whose clocks have begun."""
    async with transactions.begin() as tx:
        await start_clocks(tx, RULEBOOK, case, notification(**given), now)


async def submitted(
    transactions: Transactions, at: datetime, stage: str = "report", case: str = CASE
) -> None:
    """A report was handed in, and heard of at once."""
    async with transactions.begin() as tx:
        await complete_obligation(tx, RULEBOOK, case, Completion(stage, at), at)


async def decided(
    transactions: Transactions, decision: str, at: datetime, case: str = CASE
) -> None:
    """A decision, heard of at once."""
    async with transactions.begin() as tx:
        await apply_decision(tx, RULEBOOK, case, Decision(decision, at), at)


async def swept(transactions: Transactions, now: datetime, limit: int = 50) -> int:
    """One sweep."""
    async with transactions.begin() as tx:
        return await sweep_due_clocks(tx, RULEBOOK, now, limit)


async def told(transactions: Transactions) -> list[tuple[str, str]]:
    """What was published, in order: the short type of the event, and the rule or the occasion."""
    return [(short(row.type), _about(row.body)) for row in await published(transactions)]


async def published(transactions: Transactions) -> list[Any]:
    """The rows of the outbox, in order."""
    outbox = PLUMBING.messaging.outbox
    async with transactions.begin() as tx:
        rows = await tx.session.execute(select(outbox).order_by(outbox.c.position))
        return list(rows.all())


def short(kind: str) -> str:
    """`clock.started` for `scot.scrutiny.clock.started.v1`."""
    return kind.removeprefix("scot.scrutiny.").removesuffix(".v1")


def _about(body: bytes) -> str:
    found = msgspec.json.decode(body)
    return found.get("rule") or found.get("about") or found["regime"]
