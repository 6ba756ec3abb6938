"""Bring together what the services know of one case."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis
from shared.errors import NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class Case:
    """What could be had; `away` names the services that did not answer.

    `ratified_kind` says whether the chief officers group ratifies cases of its kind.
    """

    notification: dict[str, Any]
    clocks: Sequence[dict[str, Any]]
    timeline: Sequence[dict[str, Any]]
    away: Sequence[str]
    ratified_kind: bool


async def follow_case(apis: Apis, token: str, reference: str) -> Case:
    """The case as this person may see it; without its notification there is no case for them."""
    address = address_of(reference)
    notification, kinds, clocks, timeline = await asyncio.gather(
        apis.get("intake", address, token),
        apis.get("intake", "/kinds", token),
        _or_away(apis.get("deadlines", "/clocks", token, {"reference": reference})),
        _or_away(apis.get("intake", f"{address}/timeline", token)),
    )
    away = [name for name, found in (("deadlines", clocks), ("intake", timeline)) if found is None]
    ratified = is_ratified(notification, kinds)
    return Case(notification, items(clocks), items(timeline), away, ratified)


def address_of(reference: str) -> str:
    """Where intake has a notification."""
    return f"/notifications/{quote(reference, safe='')}"


def is_ratified(notification: Mapping[str, Any], kinds: Iterable[Mapping[str, Any]]) -> bool:
    """Whether reviews of its kind are ratified."""
    return any(one["ratified"] for one in kinds if one["kind"] == notification["kind"])


async def list_cases(apis: Apis, token: str, cursor: str) -> dict[str, Any]:
    """One page of notifications that this person may see."""
    return await apis.get("intake", "/notifications", token, {"cursor": cursor} if cursor else {})


def items(answer: Any) -> list[dict[str, Any]]:
    """The items of a page, or of a plain list."""
    found = answer.get("items", []) if isinstance(answer, dict) else answer
    return [one for one in found or () if isinstance(one, dict)]


async def _or_away(asked: Awaitable[Any]) -> Any:
    try:
        return await asked
    except (Unavailable, NotFound):
        return None
