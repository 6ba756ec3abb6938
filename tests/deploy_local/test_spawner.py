"""Processes are forked on request, and one that nobody waits for any more is ended."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest_asyncio

from deploy.local.spawner import Running, Spawner

PATIENCE_SECONDS = 30
# A module of the standard library that stays until it is told to go.
SLEEPS = ("timeit", "-n1", "-r1", "import time; time.sleep(600)")


@pytest_asyncio.fixture
async def spawner(tmp_path: Path) -> AsyncIterator[Spawner]:
    made = Spawner(tmp_path / "zygote.log", on_lost=lambda: None)
    await made.start()
    await made.ready()
    yield made
    await made.stop()


async def test_an_end_is_told_with_its_code(spawner: Spawner, tmp_path: Path) -> None:
    running = await _sleeper(spawner, tmp_path)
    spawner.signal(running.pid, signal.SIGTERM)
    assert await asyncio.wait_for(running.ended(), PATIENCE_SECONDS) == -signal.SIGTERM


async def test_who_stops_waiting_leaves_no_process_and_disturbs_nobody(
    spawner: Spawner, tmp_path: Path
) -> None:
    asked = asyncio.create_task(_sleeper(spawner, tmp_path))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert asked.cancelled()
    wanted = await _sleeper(spawner, tmp_path)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while _forks(spawner) != {wanted.pid}:
            await asyncio.sleep(0.05)
    spawner.signal(wanted.pid, signal.SIGTERM)
    assert await asyncio.wait_for(wanted.ended(), PATIENCE_SECONDS) == -signal.SIGTERM


async def test_a_lost_loader_ends_every_wait(spawner: Spawner, tmp_path: Path) -> None:
    running = await _sleeper(spawner, tmp_path)
    assert spawner.pid is not None
    os.kill(spawner.pid, signal.SIGKILL)
    assert await asyncio.wait_for(running.ended(), PATIENCE_SECONDS) == -signal.SIGKILL


async def _sleeper(spawner: Spawner, folder: Path) -> Running:
    return await asyncio.wait_for(
        spawner.run("sleeper", SLEEPS, os.environ, folder / "sleeper.log"), PATIENCE_SECONDS
    )


def _forks(spawner: Spawner) -> set[int]:
    return {child.pid for child in psutil.Process(spawner.pid).children()}
