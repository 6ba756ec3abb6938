"""Calendars: read, tried out and changed at deadlines, as the person who is looking."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis
from shared.errors import NotFound

DEADLINES = "deadlines"


@dataclass(frozen=True, slots=True)
class ShownCalendar:
    """One calendar with its history, and how far its last correction has come."""

    line: Mapping[str, Any]
    calendar: Mapping[str, Any]
    versions: Sequence[Mapping[str, Any]]
    correction: Mapping[str, Any] | None

    @property
    def tag(self) -> str:
        """What a change of it names."""
        return str(self.line["version"] or 0)


async def list_calendars(apis: Apis, token: str) -> Sequence[Mapping[str, Any]]:
    """Scotland's and every council area's."""
    return (await apis.get(DEADLINES, "/calendars", token))["items"]


async def show_calendar(apis: Apis, token: str, calendar: str) -> ShownCalendar:
    """One of them."""
    path = f"/calendars/{quote(calendar, safe='')}"
    found, versions, lines = await asyncio.gather(
        apis.get(DEADLINES, path, token),
        apis.get(DEADLINES, f"{path}/versions", token),
        list_calendars(apis, token),
    )
    line = next(one for one in lines if one["id"] == calendar)
    correction = await _correction(apis, token, path, line["version"])
    return ShownCalendar(line, found, versions["items"], correction)


async def try_change(
    apis: Apis, token: str, calendar: str, form: Mapping[str, str]
) -> Mapping[str, Any]:
    """What a change would move; nothing is changed."""
    path = f"/calendars/{quote(calendar, safe='')}/previews"
    return await apis.post(DEADLINES, path, token, _body(form))


async def change_calendar(
    apis: Apis, token: str, calendar: str, form: Mapping[str, str]
) -> Mapping[str, Any]:
    """Bring it into force, if nobody has changed the calendar since the form was made."""
    body = _body(form) | {"reason": form.get("reason", "")}
    path = f"/calendars/{quote(calendar, safe='')}"
    return await apis.put(DEADLINES, path, token, body, f'"{form.get("tag", "")}"')


async def _correction(
    apis: Apis, token: str, path: str, version: str | None
) -> Mapping[str, Any] | None:
    if version is None:
        return None
    try:
        return await apis.get(DEADLINES, f"{path}/corrections/{version}", token)
    except NotFound:
        return None


def _body(form: Mapping[str, str]) -> dict[str, str]:
    days = form.get("days", "")
    kind = "icalendar" if days.lstrip("\ufeff \r\n").upper().startswith("BEGIN:") else "csv"
    return {kind: days, "mode": form.get("mode", "years")}
