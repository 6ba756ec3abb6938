"""One case with which nothing can be done is set aside; all others are told of in the same sweep.

Faults: rows that the database refuses to write, rows that cannot be read, rules that are gone,
each in a batch of sound cases. Control: a sweeper that only knows whole batches tells nobody.
"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from services.deadlines.entrypoints import health
from services.deadlines.entrypoints.health import deadlines_checks
from services.deadlines.entrypoints.sweeper import Sweeper
from services.deadlines.use_cases.sweep_due_clocks import TRY_AGAIN
from shared.transaction import Transactions
from tests.deadlines.acting_kit import REPORT, rows
from tests.deadlines.builders import REPORT_WARNS, RULEBOOK, started, told

SOUND = 5
# What is wrong with the row of the case, and what puts it right again.
FAULTS = {
    "writes are refused": (
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'no'; END $$;
           CREATE TRIGGER refuse BEFORE UPDATE ON clocks FOR EACH ROW
           WHEN (OLD.case_id = 'broken') EXECUTE FUNCTION refuse()""",
        "DROP TRIGGER refuse ON clocks",
    ),
    "facts that cannot be read": (
        "UPDATE cases SET facts = facts || '{\"occurred_at\": 7}' WHERE id = 'broken'",
        """UPDATE cases SET facts = facts ||
           (SELECT jsonb_build_object('occurred_at', facts->'occurred_at') FROM cases
            WHERE id = 'sound-0') WHERE id = 'broken'""",
    ),
    "rules that are gone": (
        "UPDATE cases SET rule_set = 'gone' WHERE id = 'broken'",
        "UPDATE cases SET rule_set = '1' WHERE id = 'broken'",
    ),
}


@pytest.fixture(params=FAULTS)
async def mend(request: pytest.FixtureRequest, transactions: Transactions) -> str:
    """A broken case among sound ones; what mends it."""
    for case in ("broken", *(f"sound-{number}" for number in range(SOUND))):
        await started(transactions, case=case, reference=f"SN-{case}")
    breaks, mends = FAULTS[request.param]
    await run(transactions, breaks)
    return mends


async def run(transactions: Transactions, statements: str) -> None:
    async with transactions.begin() as tx:
        for statement in statements.split(";\n"):
            await tx.session.execute(text(statement))


async def sweep(
    transactions: Transactions, now: datetime, kind: type[Sweeper] = Sweeper
) -> list[str]:
    """Who was told of at a sweep, by case."""
    before = len(await told(transactions))
    await kind(transactions, RULEBOOK, lambda: now).sweep()
    found = await rows(transactions, "SELECT key, type FROM outbox ORDER BY position")
    return sorted(row.key for row in found[before:] if "due-soon" in row.type)


async def stuck(transactions: Transactions) -> int:
    told = await deadlines_checks(transactions)[0].ask()
    return (told or {})["set_aside"]


async def test_the_others_are_told_of_and_the_broken_one_is_shown(
    transactions: Transactions, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "utc_now", lambda: REPORT_WARNS)
    sound = [f"sound-{number}" for number in range(SOUND)]
    assert await sweep(transactions, REPORT_WARNS) == sound
    assert await stuck(transactions) == 1
    (row,) = await rows(
        transactions, "SELECT id, stuck_why, next_act_at FROM cases WHERE stuck_since IS NOT NULL"
    )
    assert (row.id, row.next_act_at) == ("broken", REPORT_WARNS + TRY_AGAIN)
    assert row.stuck_why
    # It is not looked at again before its time, and then no longer than it takes to fail.
    assert await sweep(transactions, REPORT_WARNS) == []
    assert await sweep(transactions, REPORT_WARNS + TRY_AGAIN) == []
    (since,) = await rows(transactions, "SELECT max(stuck_since) FROM cases")
    assert since[0] == REPORT_WARNS
    await run(transactions, mend)
    assert await sweep(transactions, REPORT_WARNS + 2 * TRY_AGAIN) == ["broken"]
    assert await stuck(transactions) == 0


class AllOrNothing(Sweeper):
    """A sweeper that does not look for whom to blame."""

    async def _one_by_one(self) -> int:
        raise RuntimeError("the batch failed")


async def test_a_sweeper_that_knows_only_batches_tells_nobody(transactions: Transactions) -> None:
    for case in ("broken", "sound-0"):
        await started(transactions, case=case, reference=f"SN-{case}")
    await run(transactions, FAULTS["writes are refused"][0])
    with pytest.raises(RuntimeError):
        await sweep(transactions, REPORT_WARNS, AllOrNothing)
    assert ("clock.due-soon", REPORT) not in await told(transactions)


async def test_a_case_that_cannot_even_be_set_aside_stops_nobody(
    transactions: Transactions,
) -> None:
    for case in ("broken", "sound-0", "sound-1"):
        await started(transactions, case=case, reference=f"SN-{case}")
    refuse, _ = FAULTS["writes are refused"]
    refuse = refuse.replace("ON clocks", "ON cases").replace("OLD.case_id", "OLD.id")
    await run(transactions, refuse)
    assert await sweep(transactions, REPORT_WARNS) == ["sound-0", "sound-1"]
    assert await sweep(transactions, REPORT_WARNS + timedelta(seconds=1)) == []


async def test_a_case_that_was_in_somebodys_way_is_not_set_aside(
    transactions: Transactions,
) -> None:
    for case in ("broken", "sound-0"):
        await started(transactions, case=case, reference=f"SN-{case}")
    refuse, mends = FAULTS["writes are refused"]
    await run(transactions, refuse.replace("'no'", "'deadlock' USING ERRCODE = '40P01'"))
    assert await sweep(transactions, REPORT_WARNS) == ["sound-0"]
    assert await rows(transactions, "SELECT id FROM cases WHERE stuck_since IS NOT NULL") == []
    await run(transactions, mends)
    assert await sweep(transactions, REPORT_WARNS) == ["broken"]
