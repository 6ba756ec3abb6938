"""Run with faststream-outbox installed: `make URL`, or `relay URL BOOTSTRAP TOPIC` (seconds).

At its best: many workers, large fetches, deletes in batches. With more than one worker it keeps
no order within a key.
"""

import asyncio
import sys
import time
from typing import Annotated, Any

from faststream import Context
from faststream.kafka import KafkaBroker
from faststream_outbox import (  # pyright: ignore[reportMissingImports]
    OutboxBroker,
    make_outbox_table,
)
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

WORKERS = 32
FETCH = 500


async def make(url: str) -> None:
    """Its table."""
    metadata, engine = MetaData(), create_async_engine(url)
    make_outbox_table(metadata, table_name="theirs")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


async def relay(url: str, bootstrap: str, topic: str) -> None:
    """Send everything; print the seconds it took."""
    engine = create_async_engine(url, pool_size=WORKERS + 5)
    outbox = OutboxBroker(
        engine, outbox_table=make_outbox_table(MetaData(), table_name="theirs"), logger=None
    )
    kafka = KafkaBroker(bootstrap, enable_idempotence=True, logger=None)

    @outbox.subscriber(
        "events", max_workers=WORKERS, fetch_batch_size=FETCH, terminal_flush_batch_size=100,
        min_fetch_interval=0.01, max_fetch_interval=0.1,
    )  # fmt: skip
    async def send(message: Annotated[Any, Context("message")]) -> None:
        key = message.headers["key"].encode()
        await kafka.publish(message.body, topic, key=key, headers=dict(message.headers))

    await kafka.start()
    begun = time.perf_counter()
    await outbox.start()
    async with engine.connect() as connection:
        while (await connection.execute(text("SELECT EXISTS (SELECT FROM theirs)"))).scalar():
            await asyncio.sleep(0.02)
    print(time.perf_counter() - begun)
    await outbox.stop()
    await kafka.stop()
    await engine.dispose()


def main(act: str, url: str, *rest: str) -> None:
    """One of the two."""
    address = url.replace("postgresql://", "postgresql+asyncpg://")
    asyncio.run(make(address) if act == "make" else relay(address, *rest))


if __name__ == "__main__":
    main(*sys.argv[1:])
