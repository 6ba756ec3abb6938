"""What every service's tests start with: transactions on its database, and calls to its app."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import httpx

from shared.database import Database
from shared.plumbing import Plumbing
from shared.transaction import Transactions
from shared.web.app import ServiceApp


@asynccontextmanager
async def transactions_on(
    database_url: str, plumbing: Plumbing, service: str
) -> AsyncIterator[Transactions]:
    """Transactions of a service, its connections closed in the end."""
    database = Database(database_url)
    try:
        yield Transactions(database, plumbing, service)
    finally:
        await database.dispose()


@asynccontextmanager
async def calling(app: ServiceApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, which is shut down in the end."""
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield client
    finally:
        for close in app.on_shutdown:
            await cast("Callable[[], Awaitable[None]]", close)()
