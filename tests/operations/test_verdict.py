"""Does the work make progress? The verdict for each state that workers may report."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.operations.progress import NoProgress, WorkerReport, partitions, verdict

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def report(
    *,
    seen: float = 1,
    cluster: str | None = "bus",
    listener: dict[str, Any] | None = None,
    listens: bool = True,
) -> WorkerReport:
    state = {"relay": {"cluster": cluster}, "listener": listener if listens else None, "timers": []}
    return WorkerReport("worker", ago(seen), state)


def reading(*lags: int | None, moved: float = 1, listening: bool = True) -> dict[str, Any]:
    places = [{"topic": "t", "partition": n, "lag": lag} for n, lag in enumerate(lags)]
    return {
        "listening": listening,
        "cluster": "bus",
        "moved_at": ago(moved).isoformat(),
        "partitions": places,
    }


WELL = {
    "nothing waits": ([report(listener=reading(0, 0))], 1, 1, 0),
    "something waits and moves": ([report(listener=reading(5, 3))], 1, 1, 8),
    "nothing waits for long": ([report(listener=reading(0, moved=9000))], 1, 1, 0),
    "a lag that is not known yet": ([report(listener=reading(None, 2))], 1, 1, 2),
    "waits a little": ([report(listener=reading(5, moved=59))], 1, 1, 5),
    "the broker went away": ([report(listener=reading(listening=False))], 1, 0, 0),
    "nothing to listen to": ([report(listens=False)], 1, 0, 0),
    "another is long gone": ([report(listener=reading(1)), report(seen=16)], 1, 1, 1),
    "two share": ([report(listener=reading(1)), report(listener=reading(2))], 2, 2, 3),
    "only the listener met the bus": ([report(cluster=None, listener=reading(0))], 1, 1, 0),
}


@pytest.mark.parametrize(("reports", "workers", "listening", "lag"), WELL.values(), ids=WELL.keys())
def test_it_goes_on(reports: list[WorkerReport], workers: int, listening: int, lag: int) -> None:
    assert verdict(reports, NOW) == {"workers": workers, "listening": listening, "lag": lag}


ILL = {
    "nobody": ([], "no worker reports"),
    "nobody of late": ([report(seen=15), report(seen=60)], "no worker reports"),
    "never met a bus": ([report(cluster=None, listens=False)], "no worker has reached the bus"),
    "stands still": ([report(listener=reading(0, 1, moved=61))], "1 of 1 workers stand still"),
    "one of two": (
        [report(listener=reading(1, moved=61)), report(listener=reading(1))],
        "1 of 2 workers stand still",
    ),
}


@pytest.mark.parametrize(("reports", "said"), ILL.values(), ids=ILL.keys())
def test_it_stands_still(reports: list[WorkerReport], said: str) -> None:
    with pytest.raises(NoProgress, match=said):
        verdict(reports, NOW)


def test_a_worker_without_a_listener_reads_no_partitions() -> None:
    assert partitions(report(listens=False)) == []
