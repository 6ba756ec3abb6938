"""Calendar feeds: made and revoked at deadlines, and read there for calendar programs."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis, File

DEADLINES = "deadlines"


async def list_feeds(apis: Apis, token: str) -> Sequence[Mapping[str, Any]]:
    """The feeds of the person who is looking."""
    return (await apis.get(DEADLINES, "/feeds", token))["items"]


async def make_feed(apis: Apis, token: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    """A new one, with its address; areas are written as codes with anything between them."""
    areas = form.get("areas", "").replace(",", " ").split()
    body = {"scope": form.get("scope", ""), "name": form.get("name", "").strip(), "areas": areas}
    return await apis.post(DEADLINES, "/feeds", token, body)


async def revoke_feed(apis: Apis, token: str, feed: str) -> None:
    """Its address is read no more."""
    await apis.post(DEADLINES, f"/feeds/{quote(feed, safe='')}/revocations", token)


async def read_feed(apis: Apis, secret: str, known: str | None) -> File:
    """What a calendar program reads; the secret travels in a header, where nothing records it."""
    return await apis.feed(DEADLINES, "/feeds/calendar", secret, known)
