"""People who notify at a steady pace, whatever is away, and remember every answer they got."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from tests.system.personal import notification

SENDERS = 3
PACE_SECONDS = 0.25
# Longer than a statement may take on a database that answers nothing.
ANSWER_SECONDS = 90


@dataclass(frozen=True)
class Answer:
    """What one try came to: a status, or what stood in its place; when it was begun and ended."""

    status: int | str
    retry_after: str | None
    begun: float
    ended: float


@dataclass
class Notifiers:
    """Each tries again under the same key until it is answered 201."""

    url: str
    headers: Mapping[str, str]
    acknowledged: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until it is enough; what was begun is finished."""
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
            await asyncio.gather(*(self._send(client) for _ in range(SENDERS)))

    def statuses(self, apart_from: "list[tuple[float, float]]") -> Counter[int | str]:
        """What was answered, but for tries that fell into one of these spans of time."""
        return Counter(
            one.status
            for one in self.answers
            if not any(one.begun < end and one.ended > begin for begin, end in apart_from)
        )

    async def _send(self, client: httpx.AsyncClient) -> None:
        while not self.enough.is_set():
            key, body = str(uuid4()), notification()
            while not await self._answered(client, key, body):
                await asyncio.sleep(PACE_SECONDS)
            await asyncio.sleep(PACE_SECONDS)

    async def _answered(self, client: httpx.AsyncClient, key: str, body: object) -> bool:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        headers = {**self.headers, "Idempotency-Key": key}
        try:
            answer = await client.post(self.url + "/notifications", json=body, headers=headers)
        except httpx.HTTPError as error:
            self.answers.append(Answer(type(error).__name__, None, begun, loop.time()))
            return False
        waited = answer.headers.get("retry-after")
        self.answers.append(Answer(answer.status_code, waited, begun, loop.time()))
        if answer.status_code == 201:
            self.acknowledged[key] = answer.json()["reference"]
        return answer.status_code == 201


@asynccontextmanager
async def notifying(url: str, headers: Mapping[str, str]) -> AsyncIterator[Notifiers]:
    """They notify during the block."""
    made = Notifiers(url, headers)
    running = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        made.enough.set()
        await running
