"""Ask every service how its part of the chain is."""

import asyncio
from collections.abc import Sequence

from services.console.apis import NAMES, Apis
from services.console.domain.chain import Link, down, judged
from shared.errors import ScrutinyError

SECONDS = 3.0


async def ask_chain(apis: Apis, token: str) -> Sequence[Link]:
    """All at once, each within `SECONDS`; one that is away is shown as away."""
    return await asyncio.gather(*(_ask(apis, name, token) for name in NAMES))


async def _ask(apis: Apis, service: str, token: str) -> Link:
    try:
        async with asyncio.timeout(SECONDS):
            told, checks = await asyncio.gather(
                apis.get(service, "/operations", token), apis.checks(service)
            )
            return judged(service, told or {}, checks)
    except TimeoutError:
        return down(service, f"It did not answer within {SECONDS:g} seconds.")
    except ScrutinyError as error:
        return down(service, error.detail)
