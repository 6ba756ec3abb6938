"""Reads ledger, mails, events and the folder, and says what is wrong with any of them."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

# Each is asked of the cases whose id begins so, and of the overdue rung alone.
_PLACES = {
    "in the ledger": (
        "SELECT case_id FROM reminders JOIN clocks ON clocks.id = clock_id "
        "WHERE rung = 'overdue' AND verdict = 'told'"
    ),
    "mails": "SELECT case_id FROM mails WHERE rung = 'overdue'",
    "mails sent": "SELECT case_id FROM mails WHERE rung = 'overdue' AND state = 'sent'",
    "overdue events": (
        "SELECT key AS case_id FROM outbox WHERE type = 'scot.scrutiny.clock.overdue.v1'"
    ),
    "told events": (
        "SELECT key AS case_id FROM outbox WHERE type = 'scot.scrutiny.person.told.v1' "
        "AND convert_from(body, 'UTF8')::json ->> 'rung' = 'overdue'"
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """How often each case was told of, in one place."""

    place: str
    times: Counter[str]

    def wrong(self, due: set[str], *, at_most: bool = False) -> list[str]:
        """What should not be; `at_most` while work is going on."""
        said = [f"{case}: {n} {self.place}" for case, n in self.times.items() if n > 1]
        said += [f"{case}: early, {self.place}" for case in self.times if case not in due]
        missing = [] if at_most else [case for case in due if case not in self.times]
        return sorted(said) + [f"{case}: no {self.place}" for case in sorted(missing)]


async def wrong_now(database: str, due: set[str]) -> list[str]:
    """What is wrong while processes work: somebody told twice, or before it was time."""
    return [said for found in await _found(database) for said in found.wrong(due, at_most=True)]


async def wrong_at_the_end(database: str, folder: Path, due: set[str]) -> list[str]:
    """What is wrong when everything has come to rest."""
    found = [*await _found(database), Found("files", Counter(_files(folder)))]
    said = [wrong for one in found for wrong in one.wrong(due)]
    return said + await _out_of_order(database)


async def settled(database: str) -> tuple[int, int]:
    """How many overdue mails were sent, and how many are still owed."""
    row = await _fetch(
        database,
        "SELECT count(*) FILTER (WHERE state = 'sent') AS sent, "
        "count(*) FILTER (WHERE state = 'owed') AS owed FROM mails WHERE rung = 'overdue'",
    )
    return row[0]["sent"], row[0]["owed"]


def sendings(folder: Path) -> tuple[int, int]:
    """How many mails went out, and how many of them again after a crash."""
    log = folder / "sent.log"
    lines = log.read_text().split() if log.exists() else []
    return len(set(lines)), len(lines) - len(set(lines))


async def _found(database: str) -> list[Found]:
    return [
        Found(place, Counter(row["case_id"] for row in await _fetch(database, query)))
        for place, query in _PLACES.items()
    ]


async def _out_of_order(database: str) -> list[str]:
    rows = await _fetch(
        database,
        "SELECT key FROM outbox GROUP BY key "
        "HAVING count(*) <> count(DISTINCT sequence) "
        "OR max(sequence) - min(sequence) + 1 <> count(*)",
    )
    return [f"{row['key']}: its events are not numbered one after the other" for row in rows]


def _files(folder: Path) -> list[str]:
    """The case of each mail about an overdue report, from its subject's reference."""
    names = [file.name for file in (folder / "mails").glob("overdue.*.eml")]
    return [name.split(".")[2] + "-" + name.split(".")[3].zfill(9) for name in names]


async def _fetch(database: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetch(query, timeout=300)
    finally:
        await connection.close()
