"""Does this service's work make progress? Facts for operators, and the verdict for health."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from shared.messaging.claims import backlog
from shared.messaging.parking import count_waiting
from shared.transaction import Transactions
from shared.web.health import Check, database_check

# A worker reports every two seconds; one silent for longer is taken to be gone or stuck.
SILENT = timedelta(seconds=15)
# Something waits to be read and nothing was, for so long: stuck, whatever the connection says.
STUCK = timedelta(seconds=60)

_WORKERS = text("SELECT owner, seen_at, clock_timestamp() AS now, state FROM worker_state")


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """What one worker process last said of itself, and when."""

    owner: str
    seen_at: datetime
    state: Mapping[str, Any]


class NoProgress(Exception):
    """The service answers, but its messages or timers stand still."""


async def operations(transactions: Transactions) -> dict[str, Any]:
    """Everything an operator is shown about one service's part of the chain."""
    async with transactions.begin() as tx:
        unsent, oldest = await backlog(await tx.session.connection())
        waiting = await count_waiting(tx)
    reports, _ = await _reports(transactions)
    return {
        "outbox": {"unsent": unsent, "oldest_seconds": oldest},
        "parked": {"waiting": waiting},
        "consumers": [one for report in reports for one in partitions(report)],
        "timers": [timer for report in reports for timer in report.state["timers"]],
        "relay": [report.state["relay"] for report in reports],
        "workers": [{"owner": one.owner, "seen_at": one.seen_at} for one in reports],
    }


def progress_checks(transactions: Transactions) -> list[Check]:
    """What `/health/ready` asks of a service: its database, its worker and its bus."""

    async def ask_workers() -> Mapping[str, Any]:
        reports, now = await _reports(transactions)
        return verdict(reports, now)

    async def ask_relay() -> Mapping[str, Any]:
        async with transactions.database.engine.connect() as connection:
            unsent, oldest = await backlog(connection)
        return {"unsent": unsent, "oldest_seconds": round(oldest, 1)}

    return [
        database_check(transactions.database),
        Check("bus", ask_workers),
        Check("relay", ask_relay),
    ]


def verdict(reports: Sequence[WorkerReport], now: datetime) -> Mapping[str, Any]:
    """Facts about the bus, or `NoProgress`.

    A broker that is away is a fact and not a failure: intake answers without it. A worker that
    is gone, that never reached the bus, or that stands still before waiting messages is one.
    """
    live = [report for report in reports if now - report.seen_at < SILENT]
    if not live:
        raise NoProgress("no worker reports")
    if not any(report.state["relay"]["cluster"] or _listened(report) for report in live):
        raise NoProgress("no worker has reached the bus yet")
    stuck = [report.owner for report in live if _stuck(report, now)]
    if stuck:
        raise NoProgress(f"{len(stuck)} of {len(live)} workers stand still")
    lag = sum(one["lag"] or 0 for report in live for one in partitions(report))
    listening = sum(_listens(report) for report in live)
    return {"workers": len(live), "listening": listening, "lag": lag}


def partitions(report: WorkerReport) -> list[Mapping[str, Any]]:
    """The partitions one worker reads, with its position in each."""
    listener = report.state.get("listener")
    return list(listener["partitions"]) if listener else []


async def _reports(transactions: Transactions) -> tuple[list[WorkerReport], datetime]:
    async with transactions.begin() as tx:
        rows = (await tx.session.execute(_WORKERS)).all()
    now = rows[0].now if rows else datetime.now().astimezone()
    return [WorkerReport(row.owner, row.seen_at, row.state) for row in rows], now


def _listens(report: WorkerReport) -> bool:
    listener = report.state.get("listener")
    return bool(listener and listener["listening"])


def _listened(report: WorkerReport) -> bool:
    listener = report.state.get("listener")
    return bool(listener and listener["cluster"])


def _stuck(report: WorkerReport, now: datetime) -> bool:
    listener = report.state.get("listener")
    if not listener or not any(one["lag"] for one in listener["partitions"]):
        return False
    return now - datetime.fromisoformat(listener["moved_at"]) > STUCK
