"""What an operator may do with a parked message: look at it, try it again, or give it up."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from shared.audit import record
from shared.clock import Clock
from shared.errors import Conflict, FieldError, Invalid
from shared.messaging.inbox import Consumer
from shared.messaging.parking import (
    DISCARDED,
    WAITING,
    Parking,
    list_parked,
    load_parked,
)
from shared.transaction import Transaction, Transactions

SHORTEST_REASON = 10


class ParkedOut(Struct, frozen=True):
    """A parked message as an operator sees it: where it came from and why not its body."""

    id: str
    position: int
    topic: str
    partition: int
    offset: int
    event_id: str | None
    type: str | None
    reason: str
    detail: str
    attempts: int
    traceparent: str | None
    state: str
    parked_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None


class InspectedOut(Struct, frozen=True):
    """The same with the shape of the original bytes: header names, sizes, and nothing personal."""

    parked: ParkedOut
    headers: list[str]
    value_bytes: int
    key_bytes: int


class RedrivenOut(Struct, frozen=True):
    """How many messages of the lane took effect, and the state of the one that was asked for."""

    took_effect: int
    parked: ParkedOut


async def parked_page(tx: Transaction, state: str | None, after: int, limit: int) -> list[Any]:
    """Rows in the order they were parked."""
    return list(await list_parked(tx, state, after, limit))


async def inspect(tx: Transaction, parking: Parking, parked: str) -> InspectedOut:
    """One message with its shape."""
    row = await load_parked(tx, parked)
    raw = parking.delivery(row.record).raw
    names = [name for name, _ in raw.headers]
    return InspectedOut(parked_out(row), names, len(raw.value), len(raw.key or b""))


async def redrive(
    transactions: Transactions, consumer: Consumer, parked: str, by: str, clock: Clock
) -> RedrivenOut:
    """Try the whole lane again, in order, from the first that waits."""
    async with transactions.begin() as tx:
        row = await load_parked(tx, parked)
        if row.state != WAITING:
            raise Conflict(f"This message was {row.state} already.")
    count = await consumer.redrive(row.lane, by)
    async with transactions.begin() as tx:
        await record(
            tx,
            actor=by,
            act="parked.redrive",
            subject=parked,
            after={"took_effect": count},
            now=clock(),
        )
        return RedrivenOut(count, parked_out(await load_parked(tx, parked)))


async def discard(
    tx: Transaction, parking: Parking, parked: str, by: str, reason: str, now: datetime
) -> ParkedOut:
    """Give a message up, for a reason that is kept; those behind it still wait to be redriven."""
    if len(reason.strip()) < SHORTEST_REASON:
        rule = f"must say why, in at least {SHORTEST_REASON} characters"
        raise Invalid(FieldError("reason", rule))
    row = await load_parked(tx, parked, lock=True)
    if row.state != WAITING:
        raise Conflict(f"This message was {row.state} already.")
    await parking.settle(tx, parked, DISCARDED, by, now, reason.strip())
    await record(tx, actor=by, act="parked.discard", subject=parked, reason=reason, now=now)
    return parked_out(await load_parked(tx, parked))


def parked_out(row: Any) -> ParkedOut:
    """A row without its lane and its bytes."""
    return ParkedOut(**{name: getattr(row, name) for name in ParkedOut.__struct_fields__})
