"""Each event takes effect once, in order per key; what cannot is parked and blocks nobody else."""

import asyncio
from collections import Counter

import msgspec
import pytest
from sqlalchemy import text

from shared.errors import Conflict, FieldError, Invalid
from shared.events.envelope import Headers, new_event_id
from shared.events.topics import Topic
from shared.messaging.delivery import Delivery, read_raw
from shared.messaging.failures import ATTEMPTS, PATIENT_ATTEMPTS
from shared.messaging.inbox import forget_applied
from shared.transaction import Transaction
from tests.messaging.ledger import PLUMBING, Ledger, Noted

DEEP = b'{"number": 1, "note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


async def test_a_batch_takes_effect_in_order_and_once(ledger: Ledger) -> None:
    batch = [ledger.delivery(number) for number in range(1, 6)]
    consumer = ledger.consumer()
    await consumer.take(batch)
    await consumer.take(batch)
    await consumer.take([*batch[3:], ledger.delivery(6), ledger.delivery(6, event_id=batch[0].id)])
    assert await ledger.effects() == {"a": [1, 2, 3, 4, 5, 6]}


async def test_a_repeat_within_one_batch_takes_effect_once(ledger: Ledger) -> None:
    one, two = ledger.delivery(1), ledger.delivery(2)
    await ledger.consumer().take([one, one, two, one, two])
    assert await ledger.effects() == {"a": [1, 2]}


async def test_two_consumers_with_overlapping_batches_apply_each_once(ledger: Ledger) -> None:
    batch = [ledger.delivery(number, key=f"k{number % 7}") for number in range(1, 60)]
    parts = [batch[:40], batch[20:], batch[10:50], list(reversed(batch))]
    await asyncio.gather(*(ledger.consumer().take(part) for part in parts))
    applied = Counter(row.number for row in await ledger.effect_rows())
    assert applied == Counter(range(1, 60))
    assert await ledger.parked() == []


class Crash(BaseException):
    """What a process that is killed looks like from inside."""


async def test_a_crash_before_the_commit_leaves_nothing_and_is_made_good(ledger: Ledger) -> None:
    crashes = [True]

    async def crash_once(tx: Transaction, event: Noted, headers: Headers) -> None:
        await ledger.note(tx, "answer")
        if crashes.pop() if crashes else False:
            raise Crash

    delivery = ledger.delivery(1)
    with pytest.raises(Crash):
        await ledger.consumer(crash_once).take([delivery])
    assert (await ledger.effects(), await ledger.outbox()) == ({}, [])
    await ledger.consumer(crash_once).take([delivery])
    assert (await ledger.effects(), len(await ledger.outbox())) == ({"a": [1]}, 1)


async def test_a_failing_event_is_tried_again_and_then_parked(ledger: Ledger) -> None:
    tried: list[int] = []

    async def fail(tx: Transaction, event: Noted, headers: Headers) -> None:
        await ledger.note(tx, "answer")
        tried.append(event.number)
        raise ValueError("somebody's name")

    delivery = ledger.delivery(1)
    await ledger.consumer(fail).take([delivery])
    # Once with its batch, then alone.
    assert len(tried) == 1 + ATTEMPTS
    (parked,) = await ledger.parked()
    assert (parked.reason, parked.attempts, parked.state) == ("failed", ATTEMPTS, "waiting")
    assert (parked.event_id, parked.type) == (delivery.id, Noted.TYPE)
    assert "somebody" not in parked.detail
    assert ledger.parking.delivery(parked.record).raw == delivery.raw
    assert (await ledger.effects(), await ledger.outbox()) == ({}, [])


async def test_an_event_that_fails_for_a_while_takes_effect(ledger: Ledger) -> None:
    failures = [ValueError("1"), RuntimeError("2"), KeyError("3")]

    async def fail_thrice(tx: Transaction, event: Noted, headers: Headers) -> None:
        if failures:
            raise failures.pop()

    await ledger.consumer(fail_thrice).take([ledger.delivery(1), ledger.delivery(2)])
    assert await ledger.effects() == {"a": [1, 2]}
    assert await ledger.parked() == []


async def test_a_refusal_is_parked_at_once_with_its_fields(ledger: Ledger) -> None:
    tried: list[int] = []

    async def refuse(tx: Transaction, event: Noted, headers: Headers) -> None:
        tried.append(event.number)
        if event.number == 1:
            raise Invalid(FieldError("subject.name", "Morag is not a name"))
        raise Conflict("Morag's case is closed")

    await ledger.consumer(refuse).take([ledger.delivery(1), ledger.delivery(2, key="b")])
    assert tried == [1, 1, 2]
    details = [row.detail for row in await ledger.parked()]
    assert details == [
        "Some of what was sent is not valid: subject.name",
        "This cannot be done now",
    ]


async def fail_on_one(tx: Transaction, event: Noted, headers: Headers) -> None:
    if event.number == 1:
        raise ValueError


async def test_later_events_of_the_key_wait_and_other_keys_go_on(ledger: Ledger) -> None:
    consumer = ledger.consumer(fail_on_one)
    mixed = [
        ledger.delivery(number, key=key, offset=place)
        for place, (key, number) in enumerate([("a", 1), ("b", 2), ("a", 2), ("b", 3)])
    ]
    await consumer.take(mixed)
    await consumer.take([ledger.delivery(3), ledger.delivery(4, key="b")])
    assert await ledger.effects() == {"b": [2, 3, 4]}
    waiting = [(row.reason, row.offset) for row in await ledger.parked()]
    assert waiting == [("failed", 0), ("behind", 2), ("behind", 3)]


async def test_an_event_nobody_listens_to_does_not_wait_behind(ledger: Ledger) -> None:
    consumer = ledger.consumer(fail_on_one)
    unknown = ledger.delivery(2, headers={"ce_type": b"scot.scrutiny.number.newer.v7"})
    await consumer.take([ledger.delivery(1), unknown])
    assert [row.offset for row in await ledger.parked()] == [1]


BAD_BODIES = {
    "truncated": b'{"number": 1',
    "empty": b"",
    "not json": b"\x00\x01\x02",
    "not utf-8": b'{"number": 1, "note": "\xff\xfe"}',
    "deeply nested": DEEP,
    "another type": b'{"number": "Morag"}',
    "missing": b"{}",
    "list": b"[1]",
    "infinite": b'{"number": 1e999}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_body_that_is_not_what_its_type_promises_is_parked(
    ledger: Ledger, body: bytes
) -> None:
    bad = ledger.delivery(1, body=body)
    await ledger.consumer().take([bad, ledger.delivery(2, key="b")])
    (parked,) = await ledger.parked()
    assert (parked.reason, parked.attempts) == ("undecodable", 1)
    assert "Morag" not in parked.detail
    assert ledger.parking.delivery(parked.record).raw.value == body
    assert await ledger.effects() == {"b": [2]}


@pytest.mark.parametrize("number", [2**63, 2**200, -(2**63) - 1])
async def test_a_number_no_column_holds_is_parked(ledger: Ledger, number: int) -> None:
    body = msgspec.json.encode({"note": ""})[:-1] + b', "number": ' + str(number).encode() + b"}"
    await ledger.consumer().take([ledger.delivery(1, body=body), ledger.delivery(2, key="b")])
    assert [row.offset for row in await ledger.parked()] == [1]
    assert await ledger.effects() == {"b": [2]}


async def test_a_text_with_nul_in_it_is_parked(ledger: Ledger) -> None:
    bad = ledger.delivery(1, body=msgspec.json.encode(Noted(number=1, note="a\0b")))
    await ledger.consumer().take([bad, ledger.delivery(2, key="b")])
    assert [row.offset for row in await ledger.parked()] == [1]
    assert await ledger.effects() == {"b": [2]}


UNREADABLE: dict[str, dict[str, bytes | None]] = {
    "id not utf-8": {"ce_id": b"\xff\xfe"},
    "type with nul": {"ce_type": b"a\0b"},
    "no version": {"ce_specversion": None},
    "no headers": dict.fromkeys(
        ("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_sequence", "ce_time")
    ),
}


@pytest.mark.parametrize("headers", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_unreadable_headers_are_parked_with_their_bytes(
    ledger: Ledger, headers: dict[str, bytes | None]
) -> None:
    bad = ledger.delivery(1, headers=headers)
    await ledger.consumer().take([bad, ledger.delivery(2), ledger.delivery(3, key="b")])
    rows = await ledger.parked()
    assert [row.reason for row in rows] == ["undecodable", "behind"]
    assert ledger.parking.delivery(rows[0].record).raw == bad.raw
    assert await ledger.effects() == {"b": [3]}


async def test_an_unknown_field_or_type_is_passed_over(ledger: Ledger) -> None:
    newer = ledger.delivery(1, body=b'{"number": 1, "added_later": {"x": [1]}}')
    unknown = ledger.delivery(2, headers={"ce_type": b"scot.scrutiny.number.newer.v7"})
    await ledger.consumer().take([newer, unknown])
    assert await ledger.effects() == {"a": [1]}
    assert await ledger.parked() == []


async def test_one_bad_event_in_a_batch_leaves_the_others_as_they_would_be(ledger: Ledger) -> None:
    batch = [ledger.delivery(number, key=f"k{number % 5}", offset=number) for number in range(50)]
    batch[17] = ledger.delivery(17, key="k2", offset=17, body=b"{")
    await ledger.consumer().take(batch)
    behind = [row.offset for row in await ledger.parked()]
    assert behind == list(range(17, 50, 5))
    effects = await ledger.effects()
    assert effects["k2"] == [2, 7, 12]
    assert all(effects[key] == sorted(effects[key]) for key in effects)
    assert sum(map(len, effects.values())) == 50 - len(behind)


async def test_what_looks_like_an_outage_but_is_not_is_parked_in_the_end(ledger: Ledger) -> None:
    tried: list[int] = []

    async def fail(tx: Transaction, event: Noted, headers: Headers) -> None:
        if event.number == 1:
            tried.append(1)
            raise TimeoutError

    async with asyncio.timeout(10):
        await ledger.consumer(fail).take([ledger.delivery(1), ledger.delivery(2, key="b")])
    assert len(tried) == 1 + PATIENT_ATTEMPTS
    assert [row.detail for row in await ledger.parked()] == ["TimeoutError while taking effect"]
    assert await ledger.effects() == {"b": [2]}


async def test_a_deadlock_is_no_reason_to_park(ledger: Ledger) -> None:
    met = asyncio.Barrier(2)
    keys = ["a", "b"]
    async with ledger.transactions.begin() as tx:
        for key in keys:
            await ledger.note(tx, key)
    first_try: set[str] = set()

    async def lock_both(tx: Transaction, event: Noted, headers: Headers) -> None:
        order = keys if headers.key == "x" else keys[::-1]
        await ledger.note(tx, order[0])
        if headers.key not in first_try:
            first_try.add(headers.key)
            await met.wait()
        await ledger.note(tx, order[1])

    consumers = [ledger.consumer(lock_both).take([ledger.delivery(1, key=key)]) for key in "xy"]
    await asyncio.gather(*consumers)
    assert await ledger.effects() == {"x": [1], "y": [1]}
    assert await ledger.parked() == []


async def test_records_of_a_raw_topic_are_told_apart_by_their_place(ledger: Ledger) -> None:
    consumer, taken = ledger.consumer(), []

    @consumer.on_raw(Topic("raw.v1", "somebody", (ledger.name,), ()))
    async def on_raw(tx: Transaction, delivery: Delivery) -> None:
        taken.append(delivery.raw.offset)

    same = new_event_id()
    raw = [_raw(ledger.delivery(n, event_id=same, headers={"ce_type": None})) for n in (1, 2)]
    await consumer.take(raw)
    await consumer.take(raw)
    assert taken == [1, 2]
    assert await ledger.parked() == []


def _raw(delivery: Delivery) -> Delivery:
    return read_raw(msgspec.structs.replace(delivery.raw, topic="raw.v1"))


async def test_a_database_that_ends_every_session_delays_and_loses_nothing(ledger: Ledger) -> None:
    async def kill() -> None:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        async with ledger.database.engine.connect() as connection:
            name = await connection.scalar(text("SELECT current_database()"))
            spare = " AND pid <> pg_backend_pid()"
            await connection.execute(text(query + spare), {"name": name})

    killed: list[int] = []

    async def slow(tx: Transaction, event: Noted, headers: Headers) -> None:
        await tx.session.execute(text("SELECT pg_sleep(0.02)"))
        if event.number in {3, 7} and event.number not in killed:
            killed.append(event.number)
            await kill()

    batch = [ledger.delivery(number) for number in range(1, 11)]
    await ledger.consumer(slow).take(batch)
    assert await ledger.effects() == {"a": list(range(1, 11))}
    assert await ledger.parked() == []
    assert killed == [3, 7]


async def test_old_inbox_rows_are_forgotten_and_young_ones_are_not(ledger: Ledger) -> None:
    await ledger.consumer().take([ledger.delivery(1), ledger.delivery(2)])
    inbox = PLUMBING.messaging.inbox
    async with ledger.transactions.begin() as tx:
        old = text(
            "UPDATE inbox SET applied_at = now() - interval '121 days' WHERE message_id = :m"
        )
        first = await tx.session.scalar(inbox.select())
        await tx.session.execute(old, {"m": first})
    await forget_applied(ledger.transactions, 120)
    async with ledger.transactions.begin() as tx:
        left = (await tx.session.scalars(inbox.select())).all()
    assert len(left) == 1
    assert first not in left
