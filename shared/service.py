"""What the parts of one service share, made once per process from its settings."""

from dataclasses import dataclass
from datetime import timedelta

from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.database import Database
from shared.messaging.bus import Bus
from shared.messaging.claims import forget_sent
from shared.messaging.inbox import Consumer, forget_applied
from shared.messaging.listener import Listener
from shared.messaging.parking import Parking
from shared.messaging.relay import Relay
from shared.plumbing import Plumbing
from shared.settings import ServiceSettings
from shared.timer import Timer
from shared.transaction import Transactions
from shared.web.idempotency import expire
from shared.worker import Worker

# Outbox rows are kept so that a bus that was lost can be filled again; inbox rows outlive them,
# so that what is sent again is known.
OUTBOX_KEPT = timedelta(days=90)
INBOX_KEPT_DAYS = 120
HOUSEKEEPING_SECONDS = 300


@dataclass(frozen=True)
class Core:
    """The database, the transactions on it, and the subscribers of one service."""

    settings: ServiceSettings
    database: Database
    transactions: Transactions
    cipher: FieldCipher
    parking: Parking
    consumer: Consumer

    @classmethod
    def of(cls, settings: ServiceSettings, plumbing: Plumbing) -> "Core":
        """Make it all; nothing is connected yet."""
        if settings.field_keys is None:
            raise ValueError("SCRUTINY_FIELD_KEYS is not set: nothing may be stored in clear")
        database = Database(settings.database_url.get_secret_value(), name=settings.service)
        transactions = Transactions(database, plumbing, settings.service)
        cipher = FieldCipher(settings.field_keys)
        parking = Parking(cipher)
        consumer = Consumer(settings.service, transactions, parking)
        return cls(settings, database, transactions, cipher, parking, consumer)

    def worker(self, *timers: Timer) -> Worker:
        """The relay, the listener (if anything is subscribed to) and the timers of this service."""
        listener = Listener(self.settings, self.consumer) if self.consumer.topics else None
        relay = Relay(self.settings.service, self.database, Bus.of(self.settings))
        housekeeping = Timer("housekeeping", HOUSEKEEPING_SECONDS, self._tidy)
        return Worker(
            self.transactions, relay=relay, listener=listener, timers=[*timers, housekeeping]
        )

    async def _tidy(self) -> None:
        async with self.database.engine.begin() as connection:
            await forget_sent(connection, OUTBOX_KEPT)
        await forget_applied(self.transactions, INBOX_KEPT_DAYS)
        async with self.transactions.begin() as tx:
            await expire(tx.session, utc_now())
