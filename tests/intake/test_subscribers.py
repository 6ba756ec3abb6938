"""What comes over the bus: partners' messages, each answered once, and what deadlines tells."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from sqlalchemy import text

from services.intake.entrypoints.subscribers import subscribe
from services.intake.settings import Settings
from services.intake.worker import build_worker
from shared.confidential.fields import FieldCipher
from shared.events.deadlines import (
    ClockCancelled,
    ClockDueSoon,
    ClockMet,
    ClockOverdue,
    ClockReopened,
    ClockStarted,
    PersonTold,
)
from shared.events.envelope import Event, Headers, new_event_id, to_kafka_headers
from shared.events.topics import DEADLINES
from shared.messaging.delivery import Delivery, RawRecord, read_raw
from shared.messaging.inbox import Consumer
from shared.messaging.parking import Parking
from shared.transaction import Transactions
from tests.access_kit import service_settings
from tests.intake.builders import FIFE, INSPECTOR, STIRLING, a_body, notify
from tests.intake.partner_kit import INBOUND, PARTNER, RECEIPTS, headers, receipts, sent

DUE = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)


@pytest.fixture
def consumer(transactions: Transactions, ring: FieldCipher) -> Consumer:
    """The subscribers of intake, with Fife as its partner."""
    made = Consumer("intake", transactions, Parking(ring))
    subscribe(made, ring, (PARTNER,))
    return made


async def rows(transactions: Transactions, query: str) -> list[Any]:
    async with transactions.begin() as tx:
        return list((await tx.session.execute(text(query))).all())


def fields(receipt: dict[str, Any]) -> list[str]:
    return [error["field"] for error in receipt["problem"]["errors"]]


async def test_a_partners_message_becomes_a_notification_and_is_answered(
    consumer: Consumer, transactions: Transactions, client: httpx.AsyncClient
) -> None:
    await consumer.take([sent()])
    (receipt,) = await receipts(transactions)
    assert (receipt["type"], receipt["in_reply_to"]) == ("accepted.v1", "fife-1")
    assert receipt["key"] == "case-778"
    found = await client.get(f"/notifications/{receipt['reference']}", headers=INSPECTOR)
    case = found.json()
    assert (case["partner"], case["received_at"]) == ("fife", receipt["received_at"])
    assert {name: case[name] for name in a_body()} == a_body()
    (told,) = await rows(transactions, "SELECT * FROM outbox WHERE topic LIKE 'intake.%'")
    assert told.subject == receipt["reference"]


async def test_a_message_that_breaks_rules_is_refused_with_every_field_named(
    consumer: Consumer, transactions: Transactions, ring: FieldCipher
) -> None:
    message = sent(a_body(kind="death", subject={"name": " ", "date_of_birth": "2011-09-17"}))
    await consumer.take([message])
    (receipt,) = await receipts(transactions)
    assert (receipt["type"], receipt["in_reply_to"]) == ("refused.v1", "fife-1")
    assert (receipt["problem"]["status"], fields(receipt)) == (422, ["kind", "subject.name"])
    assert receipt["problem"]["type"] == "urn:scrutiny:problem:invalid"
    assert await rows(transactions, "SELECT 1 FROM notifications") == []
    (kept,) = await rows(transactions, "SELECT * FROM partner_messages")
    original = ring.decrypt(kept.record, "partner_messages.record/fife/fife-1")
    assert msgspec.msgpack.decode(original, type=RawRecord) == message.raw


@pytest.mark.parametrize(
    ("message", "named"),
    [
        (sent({"kind": "death-aftercare"}), ["area", "occurred_at", "notifier"]),
        (sent(a_body(occurred_at="2026-03-28T22:30:00", colour=1)), ["occurred_at", "colour"]),
        (sent(value=b"{"), ["body"]),
        (sent(value=b""), ["body"]),
        (sent(value=b"\xff\xfe"), ["body"]),
        (sent(value=b"[" * 50_000), ["body"]),
        (sent(a_body(kind="nul\0")), ["kind"]),
        (sent(a_body(area=STIRLING)), ["area"]),
        (sent(header=headers(ce_type=b"scot.scrutiny.notification.withdrawn.v1")), ["ce_type"]),
        (sent(header=headers(ce_type=b"\xff")), ["headers"]),
        (sent(header=headers(ce_specversion=None)), ["headers"]),
        (sent(header=headers(ce_source=b" ")), ["headers"]),
        (sent(header=headers(ce_time=b"noon")), ["headers"]),
        (sent(header=headers(ce_sequence=b"-1")), ["headers"]),
    ],
)  # fmt: skip
async def test_whatever_can_be_answered_is_refused_and_nothing_is_lost(
    consumer: Consumer, transactions: Transactions, message: Delivery, named: list[str]
) -> None:
    await consumer.take([message])
    (receipt,) = await receipts(transactions)
    assert (receipt["type"], receipt["in_reply_to"]) == ("refused.v1", "fife-1")
    assert fields(receipt) == named
    (kept,) = await rows(transactions, "SELECT record FROM partner_messages")
    assert kept.record is not None


async def test_an_area_that_is_not_the_partners_is_refused_as_over_http(
    consumer: Consumer, transactions: Transactions
) -> None:
    await consumer.take([sent(a_body(area=STIRLING))])
    (receipt,) = await receipts(transactions)
    assert receipt["problem"]["status"] == 403
    assert receipt["problem"]["type"] == "urn:scrutiny:problem:not-allowed"


@pytest.mark.parametrize("ce_id", [None, b"", b" ", b"\xff", b"x" * 256, b"a\0b"])
async def test_a_message_without_an_id_is_parked_for_nobody_can_be_answered(
    consumer: Consumer, transactions: Transactions, ring: FieldCipher, ce_id: bytes | None
) -> None:
    message = sent(header=headers(ce_id))
    await consumer.take([message])
    assert await receipts(transactions) == []
    (parked,) = await rows(transactions, "SELECT * FROM parked")
    assert (parked.state, parked.reason) == ("waiting", "undecodable")
    assert "ce_id" in parked.detail
    assert Parking(ring).delivery(parked.record).raw == message.raw


async def test_a_repeat_gets_the_same_receipt_and_no_second_notification(
    consumer: Consumer, transactions: Transactions
) -> None:
    again = headers(traceparent=b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01", ce_time=None)
    await consumer.take([sent(), sent()])
    await consumer.take([sent(header=again)])
    answers = await receipts(transactions)
    assert len(answers) == 3
    assert answers[0] == answers[1] == answers[2]
    assert len(await rows(transactions, "SELECT 1 FROM notifications")) == 1


async def test_a_repeat_of_what_was_refused_is_refused_in_the_same_words(
    consumer: Consumer, transactions: Transactions
) -> None:
    for _ in range(2):
        await consumer.take([sent(a_body(area=STIRLING))])
    first, second = await receipts(transactions)
    assert first == second
    assert len(await rows(transactions, "SELECT 1 FROM partner_messages")) == 1


async def test_an_id_used_again_for_another_message_is_refused(
    consumer: Consumer, transactions: Transactions
) -> None:
    await consumer.take([sent()])
    await consumer.take([sent(a_body(late_reason="Another story"))])
    await consumer.take([sent()])
    first, second, third = await receipts(transactions)
    assert (second["type"], fields(second)) == ("refused.v1", ["ce_id"])
    assert first == third
    assert len(await rows(transactions, "SELECT 1 FROM notifications")) == 1


async def test_what_came_under_a_used_id_is_kept_once_with_its_original_bytes(
    consumer: Consumer, transactions: Transactions, ring: FieldCipher
) -> None:
    other = sent(a_body(late_reason="Another story"))
    for message in (sent(), other, sent(a_body(late_reason="Another story"))):
        await consumer.take([message])
    assert len(await receipts(transactions)) == 3
    (kept,) = await rows(transactions, "SELECT * FROM partner_messages WHERE record IS NOT NULL")
    original = ring.decrypt(kept.record, f"partner_messages.record/fife/{kept.message_id}")
    assert msgspec.msgpack.decode(original, type=RawRecord) == other.raw


async def test_one_message_delivered_to_two_consumers_at_once_takes_effect_once(
    consumer: Consumer, transactions: Transactions
) -> None:
    copies = [sent(header=headers(f"fife-{n}")) for n in range(3) for _ in range(3)]
    await asyncio.gather(*(consumer.take([copy]) for copy in copies))
    answers = await receipts(transactions)
    assert len(answers) == 9
    assert len({answer["reference"] for answer in answers}) == 3
    assert len(await rows(transactions, "SELECT 1 FROM notifications")) == 3


@pytest.mark.parametrize("key", [None, b"", b"\xff\xfe", b"nul\0"])
async def test_a_key_that_is_no_text_is_replaced_by_the_messages_id(
    consumer: Consumer, transactions: Transactions, key: bytes | None
) -> None:
    await consumer.take([sent(key=key)])
    (receipt,) = await receipts(transactions)
    assert (receipt["type"], receipt["key"]) == ("accepted.v1", "fife-1")


async def test_a_refused_message_keeps_nobody_waiting(
    consumer: Consumer, transactions: Transactions
) -> None:
    await consumer.take([sent(value=b"{", header=headers("bad")), sent(header=headers("good"))])
    assert [one["type"] for one in await receipts(transactions)] == ["refused.v1", "accepted.v1"]
    assert await rows(transactions, "SELECT 1 FROM parked") == []


async def test_a_delivery_that_kafka_repeats_is_answered_once(
    consumer: Consumer, transactions: Transactions
) -> None:
    message = sent()
    await consumer.take([message])
    await consumer.take([message])
    assert len(await receipts(transactions)) == 1


def told(event: Event, offset: int, at: datetime = DUE) -> Delivery:
    head = Headers(
        id=new_event_id(), type=event.TYPE, source="deadlines", subject="r", key="k",
        sequence=offset, time=at, traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01",
    )  # fmt: skip
    body = msgspec.json.encode(event)
    return read_raw(RawRecord(DEADLINES.name, 0, offset, 0, b"k", to_kafka_headers(head), body))


async def test_what_happens_to_clocks_is_told_in_the_timeline(
    consumer: Consumer, client: httpx.AsyncClient
) -> None:
    reference = await notify(client)
    clock: dict[str, Any] = {
        "reference": reference, "area": FIFE, "clock": "c-1", "rule": "lac-report-28d",
        "obligation": "report",
    }  # fmt: skip
    far = datetime(2030, 1, 1, tzinfo=UTC)
    happened: list[Event] = [
        ClockStarted(**clock, version="1", governing=True, state="open", due_at=DUE),
        ClockDueSoon(**clock, due_at=DUE),
        ClockOverdue(**clock, due_at=DUE),
        ClockCancelled(**clock, decision="learning-review"),
        ClockReopened(**clock, decision="no-learning-review"),
        ClockMet(**clock, late=True, completed_at=DUE),
        PersonTold(
            reference=reference, area=FIFE, about="overdue", role="link-inspector",
            person="p-1", message_id="m-1", told_at=DUE,
        ),
    ]  # fmt: skip
    deliveries = [told(e, n, far + timedelta(hours=n)) for n, e in enumerate(happened, 1)]
    await consumer.take(deliveries)
    await consumer.take(deliveries)
    answer = await client.get(f"/notifications/{reference}/timeline", headers=INSPECTOR)
    lines = answer.json()["items"][1:]
    assert [line["what"] for line in lines] == [
        "clock.started", "clock.due-soon", "clock.overdue", "clock.cancelled", "clock.reopened",
        "clock.met", "person.told",
    ]  # fmt: skip
    assert {line["service"] for line in lines} == {"deadlines"}
    assert lines[0]["text"] == (
        "The clock lac-report-28d for the report started; it is due at 23:30 on 29 March 2026."
    )
    assert lines[6]["text"] == "The link inspector was told by mail that a deadline has passed."
    assert lines[5]["facts"]["late"] is True
    assert {line["trace_id"] for line in lines} == {"a" * 32}


async def test_an_event_of_a_case_that_intake_has_not_is_parked_and_seen(
    consumer: Consumer, transactions: Transactions
) -> None:
    event = ClockDueSoon(
        reference="SS-2026-00000000",
        area=FIFE,
        clock="c",
        rule="r",
        obligation="report",
        due_at=DUE,
    )
    await consumer.take([told(event, 1)])
    (parked,) = await rows(transactions, "SELECT * FROM parked")
    assert parked.reason == "refused"


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    worker = build_worker(settings)
    await worker.start()
    try:
        yield
    finally:
        await worker.stop()
        await worker.transactions.database.dispose()


async def test_over_a_real_bus_each_message_is_answered_under_its_own_key(
    database_url: str, kafka: str
) -> None:
    settings = service_settings(
        Settings, database_url=database_url, kafka_bootstrap=kafka, partners=(PARTNER,)
    )
    run = uuid4().hex
    messages = {f"{run}-good": a_body(), f"{run}-bad": a_body(area=STIRLING)}
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    reader = AIOKafkaConsumer(RECEIPTS, bootstrap_servers=kafka, auto_offset_reset="earliest")
    async with producer, reader, working(settings):
        for ce_id, body in messages.items():
            value = msgspec.json.encode(body)
            await producer.send_and_wait(
                INBOUND, value, key=ce_id[::-1].encode(), headers=headers(ce_id)
            )
        found: dict[str, Any] = {}
        async with asyncio.timeout(30):
            while len(found) < 2:
                record = await reader.getone()
                # The bus is the whole run's: others have written here as well.
                if run not in (record.key or b"").decode(errors="replace")[::-1]:
                    continue
                body = msgspec.json.decode(record.value or b"")
                found[body["in_reply_to"]] = (record.key, dict(record.headers), body)
    for ce_id, (key, head, body) in found.items():
        assert key == ce_id[::-1].encode()
        assert head["ce_source"] == b"intake"
        accepted = head["ce_type"].endswith(b"accepted.v1")
        assert accepted == ce_id.endswith("good")
        assert ("reference" in body) == accepted
