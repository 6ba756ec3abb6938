"""Where a message waits that could not take effect: kept whole, in line, until a person decides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, Table, Text, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from shared.confidential.fields import FieldCipher
from shared.errors import NotFound
from shared.events.envelope import new_event_id
from shared.messaging.delivery import Delivery, RawRecord, read_raw
from shared.transaction import Transaction

WAITING, REDRIVEN, DISCARDED = "waiting", "redriven", "discarded"
CONTEXT = "parked.record"

_OCCUPIED = text(
    "SELECT lane FROM parked WHERE lane = ANY(:lanes) AND state = 'waiting' FOR SHARE"
).bindparams(bindparam("lanes", type_=ARRAY(Text)))


@dataclass(frozen=True, slots=True)
class Why:
    """Why a message was parked: a short code, and a sentence without anybody's data."""

    reason: str
    detail: str
    attempts: int = 0


BEHIND = Why("behind", "An earlier message of the same key is parked.")


class Parking:
    """Keeps messages that could not take effect, encrypted and in line."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    async def park(self, tx: Transaction, delivery: Delivery, why: Why, now: datetime) -> str:
        """Put a message at the end of its lane; answers the id it is found by."""
        raw, headers = delivery.raw, delivery.headers
        parked = new_event_id()
        await tx.session.execute(
            _table(tx)
            .insert()
            .values(
                id=parked,
                lane=delivery.lane,
                topic=raw.topic,
                partition=raw.partition,
                offset=raw.offset,
                event_id=delivery.id,
                type=headers.type if headers else None,
                record=self._cipher.encrypt(msgspec.msgpack.encode(raw), CONTEXT),
                reason=why.reason,
                detail=why.detail,
                attempts=why.attempts,
                traceparent=headers.traceparent if headers else None,
                parked_at=now,
            )
        )
        return parked

    async def occupied(self, tx: Transaction, lanes: Collection[str]) -> set[str]:
        """The lanes where somebody waits already.

        The shared lock makes a redrive of the last in line and the arrival of the next one
        happen one after the other.
        """
        return set(await tx.session.scalars(_OCCUPIED, {"lanes": list(lanes)}))

    async def first_in_line(self, tx: Transaction, lane: str) -> tuple[str, Delivery] | None:
        """The next to be redriven, locked; null when nobody waits."""
        table = _table(tx)
        row = (await tx.session.execute(_line(table, lane))).first()
        return None if row is None else (row.id, self.delivery(row.record))

    def delivery(self, record: bytes) -> Delivery:
        """The message exactly as it came."""
        plain = self._cipher.decrypt(record, CONTEXT)
        return read_raw(msgspec.msgpack.decode(plain, type=RawRecord))

    async def settle(
        self,
        tx: Transaction,
        parked: str,
        state: str,
        by: str,
        now: datetime,
        reason: str | None = None,
    ) -> None:
        """Close one: redriven, or discarded with a reason."""
        table = _table(tx)
        values = {"state": state, "settled_at": now, "settled_by": by, "settled_reason": reason}
        await tx.session.execute(update(table).where(table.c.id == parked).values(values))

    async def again(self, tx: Transaction, parked: str, why: Why) -> None:
        """A redrive failed: it stays first in line, with the newer reason."""
        table = _table(tx)
        values = {
            "reason": why.reason,
            "detail": why.detail,
            "attempts": table.c.attempts + why.attempts,
        }
        await tx.session.execute(
            update(table).where(table.c.id == parked, table.c.state == WAITING).values(values)
        )


async def load_parked(tx: Transaction, parked: str, *, lock: bool = False) -> Any:
    """One parked message's row, or `NotFound`."""
    table = _table(tx)
    statement = select(table).where(table.c.id == parked)
    row = (await tx.session.execute(statement.with_for_update() if lock else statement)).first()
    if row is None:
        raise NotFound("There is no such parked message.")
    return row


async def list_parked(tx: Transaction, state: str | None, after: int, limit: int) -> Sequence[Any]:
    """Parked messages in the order they came, from after a position."""
    table = _table(tx)
    statement = select(table).where(table.c.position > after).order_by(table.c.position)
    if state is not None:
        statement = statement.where(table.c.state == state)
    return (await tx.session.execute(statement.limit(limit))).all()


async def count_waiting(tx: Transaction) -> int:
    """How many wait for a person."""
    table = _table(tx)
    waiting = select(func.count()).select_from(table).where(table.c.state == WAITING)
    return int(await tx.session.scalar(waiting) or 0)


def _line(table: Table, lane: str) -> Select[Any]:
    waiting = select(table).where(table.c.lane == lane, table.c.state == WAITING)
    return waiting.order_by(table.c.position).limit(1).with_for_update()


def _table(tx: Transaction) -> Table:
    return tx.plumbing.messaging.parked
