"""A timer is never twice at once, survives what it calls, and stops when it is told."""

import asyncio

import pytest

from shared.messaging.backoff import Backoff
from shared.timer import Timer


class Act:
    """Counts its calls, and how many ran at once at most."""

    def __init__(self, seconds: float = 0, failures: int = 0) -> None:
        self.seconds, self.failures = seconds, failures
        self.calls = self.running = self.most = self.cancelled = 0

    async def __call__(self) -> None:
        self.calls += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        if self.calls <= self.failures:
            raise RuntimeError


async def test_it_calls_at_once_and_then_every_interval() -> None:
    act = Act()
    timer = Timer("t", 0.05, act)
    await timer.start()
    await asyncio.sleep(0.02)
    assert act.calls == 1
    await asyncio.sleep(0.12)
    await timer.stop()
    assert 2 <= act.calls <= 4


async def test_a_slow_call_is_never_met_by_another() -> None:
    act = Act(seconds=0.05)
    timer = Timer("t", 0.001, act)
    await timer.start()
    for _ in range(10):
        timer.wake()
        await asyncio.sleep(0.015)
    await timer.stop()
    assert act.most == 1
    assert act.calls > 1


async def test_waking_calls_early_and_a_wake_during_a_call_is_not_lost() -> None:
    act = Act(seconds=0.03)
    timer = Timer("t", 60, act)
    await timer.start()
    await asyncio.sleep(0.01)
    timer.wake()
    timer.wake()
    await asyncio.sleep(0.1)
    assert act.calls == 2
    timer.wake()
    await asyncio.sleep(0.05)
    await timer.stop()
    assert act.calls == 3


async def test_failures_are_counted_and_outlived() -> None:
    act = Act(failures=2)
    timer = Timer("t", 0.01, act)
    await timer.start()
    await asyncio.sleep(0.005)
    assert timer.state()["failures"] == 1
    assert timer.state()["last_ok"] is None
    await asyncio.sleep(0.08)
    state = timer.state()
    await timer.stop()
    assert act.calls > 2
    assert (state["failures"], state["last_ok"] is not None) == (0, True)


async def test_stopping_cancels_the_call_in_hand() -> None:
    act = Act(seconds=60)
    timer = Timer("t", 60, act)
    await timer.start()
    await asyncio.sleep(0.01)
    async with asyncio.timeout(1):
        await timer.stop()
    assert (act.calls, act.cancelled, act.running) == (1, 1, 0)


async def test_stopping_one_that_never_started_or_was_stopped_does_nothing() -> None:
    timer = Timer("t", 60, Act())
    await timer.stop()
    await timer.start()
    await timer.stop()
    await timer.stop()


@pytest.mark.parametrize("failures", range(40))
def test_waits_grow_to_a_bound_and_differ(failures: int) -> None:
    waits = {Backoff(0.1, 3, failures).next_delay() for _ in range(20)}
    longest = min(3, 0.1 * 2**failures)
    assert all(longest / 2 <= wait <= longest for wait in waits)
    assert len(waits) > 1
