"""A partner's system that submits without waiting, and notes what the bus has acknowledged."""

import random
import threading
from collections.abc import Mapping
from uuid import UUID

import msgspec
from confluent_kafka import Producer

from tests.chaos.ledger import Ledger
from tests.system.partner import INBOUND, SUBMITTED
from tests.system.personal import notification
from tests.system.running import System

KEYS = 40
FLUSH_SECONDS = 90.0
# One in so many says something that must be refused.
WRONG = 10


class PartnerLoad:
    """One thread, a message every `pace` seconds."""

    def __init__(self, system: System, ledger: Ledger, seed: int, pace: float) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": system.partner_bootstrap,
                "security.protocol": "SASL_PLAINTEXT",
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": "fife",
                "sasl.password": system.partner_password,
                "enable.idempotence": True,
                "log_level": "0",
            }
        )
        self._ledger = ledger
        self._chance = random.Random(seed)
        self._pace = pace
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> "PartnerLoad":
        """Begin."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Return when the bus has taken everything."""
        self._enough.set()
        self._thread.join()
        assert self._producer.flush(FLUSH_SECONDS) == 0, "the bus did not take every message"

    def _work(self) -> None:
        while not self._enough.wait(self._pace):
            self._submit()
            self._producer.poll(0)

    def _submit(self) -> None:
        message_id = str(UUID(int=self._chance.getrandbits(128), version=4))
        wrong = {} if self._chance.randrange(WRONG) else {"kind": "no-such-kind"}
        headers: Mapping[str, str] = {
            "ce_specversion": "1.0",
            "ce_id": message_id,
            "ce_source": "fife-council-case-system",
            "ce_type": SUBMITTED,
            "content-type": "application/json",
        }
        self._producer.produce(
            INBOUND,
            msgspec.json.encode(notification(**wrong)),
            f"case-{self._chance.randrange(KEYS)}".encode(),
            headers=list(headers.items()),
            on_delivery=lambda error, _: self._taken(error, message_id),
        )

    def _taken(self, error: object, message_id: str) -> None:
        if error is None:
            self._ledger.acknowledged("submitted", message_id)
