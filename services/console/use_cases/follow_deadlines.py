"""What is due, and one deadline with everything that became of it, as this person may see it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.clock_view import ClockView, view_of
from services.console.domain.own_posts import linked_areas, own_load
from services.console.use_cases.follow_case import items
from shared.errors import NotAllowed, NotFound, Unavailable

PAGE = "25"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock, its other wordings, what was done to it and what that changed."""

    view: ClockView
    others: Sequence[ClockView]
    acts: Sequence[dict[str, Any]]
    history: Sequence[dict[str, Any]]

    @property
    def accounts(self) -> list[str]:
        """Whoever did something to it or moved it."""
        said = [line["said"]["by"] for line in self.history if line["said"]]
        return [*(act["recorded_by"] for act in self.acts), *said]


@dataclass(frozen=True, slots=True)
class DueList:
    """One page of what is due; `older` is where the next one begins."""

    views: Sequence[ClockView]
    further: str | None


async def list_due(apis: Apis, token: str, asked: Sequence[tuple[str, str]]) -> DueList:
    """One page of clocks, the first due first."""
    found = await apis.get("deadlines", "/clocks/due", token, [*asked, ("limit", PAGE)])
    return DueList([view_of(clock) for clock in items(found)], found.get("next"))


async def own_areas(apis: Apis, token: str, subject: str, on: str) -> list[str]:
    """The areas whose link inspector this person is on that day."""
    try:
        coverage = await apis.get("directory", "/coverage", token, {"on": on})
    except (Unavailable, NotAllowed):
        return []
    own = own_load(coverage["loads"], subject)
    return linked_areas(own) if own else []


async def follow_deadline(apis: Apis, token: str, clock_id: str) -> Deadline:
    """One clock with all of its case beside it."""
    address = f"/clocks/{quote(clock_id, safe='')}"
    clock = await apis.get("deadlines", address, token)
    of_case, acts, history = await asyncio.gather(
        apis.get("deadlines", "/clocks", token, {"reference": clock["reference"]}),
        _or_nothing(apis.get("deadlines", f"{address}/acts", token)),
        _or_nothing(apis.get("deadlines", f"{address}/history", token)),
    )
    return Deadline(view_of(clock), _others(clock, items(of_case)), items(acts), items(history))


def _others(clock: Mapping[str, Any], of_case: Sequence[Mapping[str, Any]]) -> list[ClockView]:
    return [
        view_of(one)
        for one in of_case
        if one["obligation"] == clock["obligation"] and one["id"] != clock["id"]
    ]


async def _or_nothing(asked: Any) -> Any:
    try:
        return await asked
    except (NotFound, Unavailable):
        return None
