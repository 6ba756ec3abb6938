"""Look at parked messages, and decide what becomes of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.console.apis import NAMES, Apis
from shared.errors import FieldError, Invalid, NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class ParkedAt:
    """What is parked at one service; None when it did not answer."""

    service: str
    messages: Sequence[Mapping[str, Any]] | None
    more: bool = False


async def list_parked(apis: Apis, token: str, *, settled: bool) -> Sequence[ParkedAt]:
    """Of every service: what waits, or with `settled` also what was decided."""
    return await asyncio.gather(*(_parked_at(apis, name, token, settled=settled) for name in NAMES))


async def show_parked(apis: Apis, service: str, parked: str, token: str) -> Mapping[str, Any]:
    """One message: why it waits, and the shape of what came."""
    return await apis.get(_known(service), f"/parked/{quote(parked, safe='')}", token)


async def redrive(apis: Apis, service: str, parked: str, token: str) -> int:
    """Try it again; answers how many messages of its line took effect."""
    address = f"/parked/{quote(parked, safe='')}/redrive"
    answer = await apis.post(_known(service), address, token)
    return int(answer["took_effect"])


async def discard(apis: Apis, service: str, parked: str, token: str, reason: str, key: str) -> None:
    """Give it up for a reason; `key` makes a form that is sent twice count once."""
    if not reason.strip():
        raise Invalid(FieldError("reason", "Say why this message is given up"))
    address = f"/parked/{quote(parked, safe='')}/discard"
    await apis.post(_known(service), address, token, {"reason": reason}, key)


async def _parked_at(apis: Apis, service: str, token: str, *, settled: bool) -> ParkedAt:
    try:
        page = await apis.get(
            service, "/parked", token, {"waiting": "false" if settled else "true"}
        )
    except (Unavailable, NotFound):
        return ParkedAt(service, None)
    return ParkedAt(service, page["items"], page["next"] is not None)


def _known(service: str) -> str:
    if service not in NAMES:
        raise NotFound("There is no such service.")
    return service
