"""Everywhere the system writes, read as a thief would: topics, logs, databases, files, mails."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from deploy.local.addresses import SERVICES
from deploy.local.environment import database_name
from deploy.local.postgres import EmbeddedPostgres, binaries
from shared.events.topics import INTERNAL
from tests.chaos.disguises import Piece
from tests.system.running import System

# A place answers pieces of what it holds: where each is, and its bytes.
READ_SECONDS = 60
# Where the collector beside the system keeps what it was sent.
SENT_SPANS = "sent-spans"


def topics(system: System) -> Iterator[Piece]:
    """Every record of the topics that are not a partner's own: key, headers and value."""
    access = {"bootstrap.servers": system.bootstrap, "group.id": "places"}
    consumer = Consumer(access | {"enable.auto.commit": False, "enable.partition.eof": False})
    starts = [
        TopicPartition(topic.name, part, 0)
        for topic in INTERNAL
        for part in range(topic.partitions)
    ]
    yield from _records(consumer, starts)
    consumer.close()


def logs(system: System) -> Iterator[Piece]:
    """Every log file."""
    yield from _files(system.home.logs)


def mails(system: System) -> Iterator[Piece]:
    """Every mail, as it is stored and as it is read."""
    for where, content in _files(system.home.mails):
        yield where, content
        text = message_from_bytes(content, policy=default).as_string()
        yield where, text.encode(errors="replace")


def databases(system: System) -> Iterator[Piece]:
    """Every table of every service's database, dumped as text."""
    for service in SERVICES:
        yield service, _dump(system, service)


def stored_files(system: System) -> Iterator[Piece]:
    """What object storage holds."""
    yield from _files(system.home.files)


def spans(system: System) -> Iterator[Piece]:
    """As processes sent them to a collector, and as the console keeps them."""
    yield from _files(system.home.folder / SENT_SPANS)
    yield "console", _dump(system, "console", "--table=spans", "--table=traces")


PLACES: dict[str, Callable[[System], Iterator[Piece]]] = {
    "internal topics": topics,
    "logs": logs,
    "mails": mails,
    "databases": databases,
    "spans": spans,
    "object storage": stored_files,
}


def _records(consumer: Consumer, starts: list[TopicPartition]) -> Iterator[Piece]:
    """All records up to where each partition ends now."""
    ends = {(one.topic, one.partition): _end(consumer, one) for one in starts}
    left = {part: end for part, end in ends.items() if end}
    consumer.assign(starts)
    deadline = time.monotonic() + READ_SECONDS
    while left:
        assert time.monotonic() < deadline, f"could not be read to its end: {left}"
        # Waits for all that it is asked for, so it is asked to wait for a moment only.
        for record in consumer.consume(500, timeout=0.1):
            assert record.error() is None
            held = (record.key(), record.value(), record.headers())
            yield f"{record.topic()} {record.offset()}", repr(held).encode()
            part = (str(record.topic()), record.partition() or 0)
            if (record.offset() or 0) + 1 >= left.get(part, 0):
                left.pop(part, None)


def _end(consumer: Consumer, partition: TopicPartition) -> int:
    return consumer.get_watermark_offsets(partition, timeout=READ_SECONDS)[1]


def _files(folder: Path) -> Iterator[Piece]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def _dump(system: System, service: str, *options: str) -> bytes:
    server = EmbeddedPostgres(system.home.postgres, system.ports.database)
    password = server.url().split(":")[2].rpartition("@")[0]
    where = ("-h", "127.0.0.1", "-p", str(system.ports.database), "-U", "postgres")
    command = [str(binaries() / "pg_dump"), *where, *options, database_name(service)]
    environment = os.environ | {"PGPASSWORD": password}
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout
