"""Whatever is asked of many clocks is answered by an index: nobody reads them all, row by row.

The database is told never to read a table whole and never to sort if there is any other way; where
a plan does so all the same, no index fits the question.
"""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, text

from services.deadlines.domain.states import State
from services.deadlines.domain.statistics import By
from services.deadlines.storage.clocks import Behind, Wanted, list_clocks, list_due
from services.deadlines.storage.due_cases import claim_due_cases, count_stuck, waiting_since
from services.deadlines.storage.open_clocks import Affected, open_cases
from services.deadlines.storage.recorded_clocks import written_clocks
from services.deadlines.storage.statistics import Asked, ages, received, timeliness
from services.deadlines.storage.turns import history
from shared.transaction import Transaction, Transactions
from tests.deadlines.acting_kit import REPORT, clock
from tests.deadlines.builders import CASE, DIED, LAC, RECEIVED, started, submitted
from tests.deadlines.many_cases import Clones, write_clones
from tests.deadlines.official import FIFE

NOW = datetime(2026, 3, 5, tzinfo=UTC)
LAST_SEEN = Behind(NOW, 7)
# As the form of the console offers them.
STATES = [None, *(State(name) for name in (
    "overdue", "due_soon", "open", "paused", "met_late", "met", "cancelled"))]  # fmt: skip
Ask = Callable[[Transaction], Awaitable[Any]]


@pytest.fixture
async def many(transactions: Transactions, database_url: str) -> Transactions:
    """Some thousands of clocks, of which a quarter runs."""
    await started(transactions)
    await started(transactions, case="met", reference="SN-met", area="S12000033")
    await submitted(transactions, RECEIVED + timedelta(days=3), case="met")
    connection = await asyncpg.connect(database_url)
    await write_clones(connection, Clones(CASE, "open", 300))
    await write_clones(connection, Clones("met", "met", 900))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    return transactions


def due(wanted: Wanted, behind: Behind | None = None) -> Ask:
    return lambda tx: list_due(tx.session, wanted, NOW, behind, 51)


def every_list() -> Iterator[tuple[str, Wanted, Behind | None]]:
    """Each question that the form of the console can ask, and the page behind it."""
    areas = (None, frozenset({FIFE}), frozenset({FIFE, "S12000033"}))
    spans = (None, timedelta(days=7))
    for area, kind, state, span, governing, behind in itertools.product(
        areas, (None, LAC), STATES, spans, (None, True), (None, LAST_SEEN)
    ):
        wanted = Wanted(
            areas=area, kind=kind, state=state, governing=governing,
            due_from=NOW if span else None, due_before=NOW + span if span else None,
        )  # fmt: skip
        yield f"{wanted} {behind}", wanted, behind


@contextmanager
def asked(transactions: Transactions) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile."""
    sent: list[tuple[str, Any]] = []

    def heard(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        sent.append((statement, parameters))

    engine = transactions.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", heard)


async def plans(transactions: Transactions, ask: Ask) -> list[str]:
    """The plan of every statement behind a question, each as one text."""
    async with transactions.begin() as tx:
        with asked(transactions) as sent:
            await ask(tx)
        connection = await tx.session.connection()
        for way in ("enable_seqscan", "enable_sort", "enable_incremental_sort"):
            await connection.execute(text(f"SET LOCAL {way} = off"))
        found: list[str] = []
        for statement, parameters in sent:
            lines = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            found.append("\n".join(line[0] for line in lines))
    return found


async def test_every_list_of_what_is_due_comes_in_the_order_of_an_index(
    many: Transactions,
) -> None:
    for what, wanted, behind in every_list():
        (plan,) = await plans(many, due(wanted, behind))
        assert "Seq Scan" not in plan, f"{what}\n{plan}"
        if wanted.areas is None:
            # In the order of the list already: it ends with its page.
            assert "Sort" not in plan, f"{what}\n{plan}"


QUESTIONS: dict[str, Ask] = {
    "the sweep": lambda tx: claim_due_cases(tx.session, NOW, 250),
    "how long cases have waited": lambda tx: waiting_since(tx.session, NOW),
    "how many are set aside": lambda tx: count_stuck(tx.session),
    "the clocks of cases": lambda tx: written_clocks(tx.session, [CASE, "met"]),
    "the clocks of a correction": lambda tx: open_cases(
        tx.session, Affected((REPORT,)), "", 500, lock=True
    ),
    "a list by number": lambda tx: list_clocks(tx.session, Wanted(), NOW, 0, 51),
    "a list of one area": lambda tx: list_clocks(
        tx.session, Wanted(areas=frozenset({FIFE})), NOW, 0, 51
    ),
    "the clocks of one case": lambda tx: list_clocks(
        tx.session, Wanted(reference="SN-met"), NOW, 0, 51
    ),
    "timeliness": lambda tx: timeliness(
        tx.session, Asked(By.AREA), date(2024, 1, 1), date(2026, 1, 1), NOW
    ),
    "ages": lambda tx: ages(tx.session, Asked(By.KIND, frozenset({FIFE})), NOW),
    "silence": lambda tx: received(tx.session, None),
    "the history of a clock": lambda tx: history(tx.session, clock()),
}


@pytest.mark.parametrize("what", QUESTIONS)
async def test_no_question_reads_all_clocks_or_cases(many: Transactions, what: str) -> None:
    found = await plans(many, QUESTIONS[what])
    assert found
    for plan in found:
        assert "Seq Scan on clocks" not in plan, plan
        assert "Seq Scan on cases" not in plan, plan


async def test_a_question_without_an_index_is_found_out(many: Transactions) -> None:
    async def ask(tx: Transaction) -> None:
        await tx.session.execute(text("SELECT id FROM clocks WHERE warn_at = :at"), {"at": DIED})

    (plan,) = await plans(many, ask)
    assert "Seq Scan on clocks" in plan
