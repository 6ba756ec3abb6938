"""An operator at intake's door: sees what is parked, tries it again, or gives it up."""

from typing import Any, Self
from uuid import uuid4

import httpx

from tests.access_kit import as_


class Operator:
    """Speaks to one service as somebody who may decide about parked messages."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, headers=as_("operator"), timeout=60)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def waiting(self) -> list[dict[str, Any]]:
        """All that waits for a decision, oldest first."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            asked = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
            page = (await self._http.get("/parked", params=asked)).raise_for_status().json()
            found += page["items"]
            if (cursor := page["next"]) is None:
                return found

    async def redrive(self, parked: str) -> int:
        """How many messages of its lane took effect."""
        answer = await self._post(f"/parked/{parked}/redrive")
        return answer.raise_for_status().json()["took_effect"]

    async def discard(self, parked: str, reason: str | None) -> httpx.Response:
        """Give one up, for a reason or without."""
        return await self._post(f"/parked/{parked}/discard", json={"reason": reason})

    async def _post(self, path: str, **told: Any) -> httpx.Response:
        return await self._http.post(path, headers={"Idempotency-Key": str(uuid4())}, **told)
