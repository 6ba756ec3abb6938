"""What the statistics page shows, asked of deadlines as the person who is looking."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.console.apis import Apis, File
from shared.errors import NotFound

DEADLINES = "deadlines"
TABLES = ("timeliness", "ages")
FIELDS = ("by", "from", "to", "kind", "area")


@dataclass(frozen=True, slots=True)
class Statistics:
    """Two tables, and each area against its own history."""

    timeliness: Mapping[str, Any]
    ages: Mapping[str, Any]
    silence: Mapping[str, Any]


async def read_statistics(apis: Apis, token: str, asked: Mapping[str, str]) -> Statistics:
    """All of it at once; ages have no period, so theirs are by area where months were asked for."""
    told = {name: value for name in FIELDS if (value := asked.get(name))}
    of_ages = told | {"by": "area"} if told.get("by") == "period" else told
    found = await asyncio.gather(
        apis.get(DEADLINES, "/statistics/timeliness", token, told),
        apis.get(DEADLINES, "/statistics/ages", token, of_ages),
        apis.get(DEADLINES, "/statistics/silence", token),
    )
    return Statistics(*found)


async def read_file(apis: Apis, token: str, table: str, asked: Mapping[str, str]) -> File:
    """One table as a file."""
    if table not in TABLES:
        raise NotFound("There is no such table.")
    names = (*FIELDS, "format", "audience")
    told = {name: value for name in names if (value := asked.get(name))}
    return await apis.file(DEADLINES, f"/statistics/{table}", token, told)
