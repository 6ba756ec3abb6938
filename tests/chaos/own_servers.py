"""Servers that one module of attacks may freeze, kill, empty and start again."""

import asyncio
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psutil

from deploy.local.kafka import EmbeddedKafka
from deploy.local.processes import kill_group
from tests.servers import PostgresServer, kafka_server


class Server(Protocol):
    """What the embedded PostgreSQL and the embedded Kafka have in common."""

    process: Any

    def prepare(self) -> None: ...
    def launch(self) -> None: ...
    def wait_ready(self) -> None: ...


@contextmanager
def own_kafka(folder: Path) -> Iterator[EmbeddedKafka]:
    """A broker of the module's own."""
    server = kafka_server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def own_postgres(folder: Path) -> Iterator[PostgresServer]:
    """A database server of the module's own, which is killed and must lose nothing."""
    server = PostgresServer(folder)
    server.settings = {**server.settings, "fsync": "on", "full_page_writes": "on"}
    server.start()
    try:
        yield server
    finally:
        server.stop()


def kill(server: Server) -> None:
    """As `kill -9` does it: nothing is flushed, nobody is told."""
    kill_group(server.process.pid)
    server.process.wait()


async def start_again(server: Server) -> None:
    """With whatever it kept."""
    await asyncio.to_thread(server.prepare)
    server.launch()
    await asyncio.to_thread(server.wait_ready)


async def replace(server: EmbeddedKafka) -> None:
    """Another, empty cluster at the same address: all that the first one held is gone."""
    kill(server)
    shutil.rmtree(server.data)
    await start_again(server)


def freeze(server: Server) -> None:
    """It and its children keep their connections, and answer nothing."""
    for one in _family(server):
        one.send_signal(signal.SIGSTOP)


def thaw(server: Server) -> None:
    """It goes on as if nothing had been."""
    for one in _family(server):
        one.send_signal(signal.SIGCONT)


def _family(server: Server) -> list[psutil.Process]:
    first = psutil.Process(server.process.pid)
    return [first, *first.children(recursive=True)]
