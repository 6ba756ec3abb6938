"""Emergency regimes, as this person may see them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.regime_view import RegimeView, in_order, view_of_regime
from services.console.use_cases.follow_case import items

DEADLINES = "deadlines"
PAGE = "200"


@dataclass(frozen=True, slots=True)
class FollowedRegime:
    """One regime and what became of it, oldest first."""

    view: RegimeView
    history: Sequence[dict[str, Any]]


async def list_regimes(apis: Apis, token: str, today: date) -> list[RegimeView]:
    """All of them: there are few, so they are asked for to the last."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
        answer = await apis.get(DEADLINES, "/regimes", token, asked)
        found += items(answer)
        cursor = answer["next"]
    return in_order(found, today)


async def follow_regime(apis: Apis, token: str, regime: str, today: date) -> FollowedRegime:
    """One of them."""
    path = f"/regimes/{quote(regime, safe='')}"
    found, history = await asyncio.gather(
        apis.get(DEADLINES, path, token), apis.get(DEADLINES, f"{path}/history", token)
    )
    return FollowedRegime(view_of_regime(found, today), items(history))
