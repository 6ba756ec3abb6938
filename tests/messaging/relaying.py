"""A relay in a process of its own, to be stopped and killed: `URL BOOTSTRAP SERVICE LEASE`."""

import asyncio
import signal
import sys

from tests.messaging.ledger import Ledger


async def relay(url: str, bootstrap: str, name: str, lease: float) -> None:
    ledger = Ledger(url, bootstrap, name)
    relay = ledger.relay(lease)
    await relay.start()
    print("started", flush=True)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    await over.wait()
    await relay.stop()
    await ledger.database.dispose()


if __name__ == "__main__":
    _, url, bootstrap, name, lease = sys.argv
    asyncio.run(relay(url, bootstrap, name, float(lease)))
