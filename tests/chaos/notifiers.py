"""Those who notify over HTTP, and repeat every request under its key until it is answered 201."""

import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from typing import Any
from uuid import UUID

from tests.chaos.ledger import Ledger
from tests.system.personal import notification

SENDERS = 12
ANSWER_SECONDS = 180
PAUSE_SECONDS = 0.1
SLOW_SECONDS = 0.5
DECISIONS = ("learning-review", "no-learning-review")


class Notifiers:
    """Threads that go on until told to stop; each finishes the request it is about."""

    def __init__(self, port: int, headers: dict[str, str], ledger: Ledger, seed: int) -> None:
        self._port = port
        self._headers = headers | {"Content-Type": "application/json", "Connection": "keep-alive"}
        self._ledger = ledger
        self._seed = seed
        # Set while the load is ahead of the attack: then it only trickles.
        self.slow = False
        self._enough = threading.Event()
        self._pool = ThreadPoolExecutor(SENDERS)
        self._running: list[Future[None]] = []
        # Every answer's status, and what kind of failure stood in place of an answer.
        self.statuses: Counter[int | str] = Counter()
        # Answers whose work had been done before, so that an earlier answer had been withheld.
        self.replayed: list[str] = []
        self.refused: list[str] = []

    def start(self) -> "Notifiers":
        """Begin."""
        self._running = [self._pool.submit(self._work, number) for number in range(SENDERS)]
        return self

    def stop(self) -> None:
        """Return when every request that was begun has been acknowledged."""
        self._enough.set()
        for one in self._running:
            one.result()
        self._pool.shutdown()

    def check(self) -> None:
        """Raise what stopped a sender, if anything did."""
        for one in self._running:
            if one.done():
                one.result()

    def _work(self, number: int) -> None:
        chance = random.Random(f"{self._seed} {number}")
        sender = _Sender(self, chance)
        while not self._enough.wait(SLOW_SECONDS if self.slow else 0):
            answer = sender.until_done("/notifications", notification(), "notified")
            for _ in range(chance.choice((0, 0, 1, 2))):
                decision = {"decision": chance.choice(DECISIONS)}
                path = f"/notifications/{answer['reference']}/decisions"
                sender.until_done(path, decision, "decided", answer["reference"])
        sender.close()


class _Sender:
    """One connection, made anew whenever it was lost."""

    def __init__(self, all_of_them: Notifiers, chance: random.Random) -> None:
        self._all = all_of_them
        self._chance = chance
        self._connection: HTTPConnection | None = None

    def until_done(
        self, path: str, body: dict[str, Any], what: str, reference: str = ""
    ) -> dict[str, Any]:
        """The answer of a 201; the same key and body as often as that takes."""
        key = str(UUID(int=self._chance.getrandbits(128), version=4))
        sent = json.dumps(body).encode()
        deadline = time.monotonic() + ANSWER_SECONDS
        while (answer := self._once(path, sent, key)) is None:
            assert time.monotonic() < deadline, f"{path} was not answered 201 in time"
            time.sleep(PAUSE_SECONDS)
        self._all._ledger.acknowledged(what, key, reference or answer["reference"])
        return answer

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(self, path: str, sent: bytes, key: str) -> dict[str, Any] | None:
        try:
            return self._answer(path, sent, key)
        except (OSError, HTTPException) as error:
            self._all.statuses[type(error).__name__] += 1
            self.close()
            return None

    def _answer(self, path: str, sent: bytes, key: str) -> dict[str, Any] | None:
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self._all._port, timeout=20)
        headers = self._all._headers | {"Idempotency-Key": key}
        self._connection.request("POST", path, sent, headers)
        response = self._connection.getresponse()
        content = response.read()
        self._all.statuses[response.status] += 1
        if response.status != 201:
            self._all.refused.append(f"{response.status} {content[:300]!r}")
            return None
        if response.headers.get("Idempotency-Replayed"):
            self._all.replayed.append(key)
        return json.loads(content)
