"""Intake's events as they come off the bus: once each, in order, and never in the way."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import func, select

from services.deadlines.entrypoints.subscribers import subscribe
from services.deadlines.storage.mail_tables import MailRow
from services.deadlines.storage.tables import PLUMBING
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.events.envelope import Event, Headers, to_kafka_headers
from shared.events.intake import (
    AddendumAdded,
    CaseClosed,
    CaseReopened,
    DateCorrected,
    DecisionRecorded,
    NotificationWithdrawn,
    ReportSubmitted,
    ReviewRatified,
)
from shared.events.topics import INTAKE
from shared.messaging.backoff import Backoff
from shared.messaging.delivery import Delivery, RawRecord, read_raw
from shared.messaging.inbox import Consumer
from shared.messaging.parking import Parking
from shared.transaction import Transactions
from tests.access_kit import FIELD_KEYS
from tests.deadlines.builders import (
    CASE,
    DIED,
    LAC,
    RECEIVED,
    REFERENCE,
    RULEBOOK,
    notification,
    published,
    told,
)
from tests.deadlines.official import FIFE

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
REPORT = "lac-report-28d"


@pytest.fixture
def consumer(transactions: Transactions) -> Consumer:
    """The consumer of deadlines, as the worker wires it, without long waits."""
    from pydantic import SecretStr

    parking = Parking(FieldCipher(SecretStr(FIELD_KEYS)))
    quick = Consumer("deadlines", transactions, parking, backoff=lambda: Backoff(0.001, 0.002))
    subscribe(quick, RULEBOOK, lambda: DIED + timedelta(days=3))
    return quick


def delivered(event: Event, number: int, key: str = CASE) -> Delivery:
    """An event of one notification as Kafka hands it over."""
    headers = Headers(
        id=f"event-{number}-{key}",
        type=event.TYPE,
        source="intake",
        subject=REFERENCE,
        key=key,
        sequence=number,
        time=utc_now(),
        traceparent=TRACE,
    )
    body = msgspec.json.encode(event)
    raw = RawRecord(INTAKE.name, 0, number, 0, key.encode(), to_kafka_headers(headers), body)
    return read_raw(raw)


def report() -> ReportSubmitted:
    return ReportSubmitted(
        reference=REFERENCE,
        kind=LAC,
        area=FIFE,
        stage="report",
        submission="1",
        submitted_at=DIED + timedelta(days=2),
    )


def decision(name: str) -> DecisionRecorded:
    return DecisionRecorded(
        reference=REFERENCE,
        kind=LAC,
        area=FIFE,
        decision=name,
        decided_at=DIED + timedelta(days=1),
    )


async def parked(transactions: Transactions) -> list[str]:
    table = PLUMBING.messaging.parked
    async with transactions.begin() as tx:
        return list(await tx.session.scalars(select(table.c.reason).order_by(table.c.position)))


async def test_only_intakes_topic_is_listened_to(consumer: Consumer) -> None:
    assert consumer.topics == [INTAKE.name]


async def test_a_notification_becomes_clocks_and_a_mail_in_its_trace(
    consumer: Consumer, transactions: Transactions
) -> None:
    await consumer.take([delivered(notification(), 1)])
    rows = await published(transactions)
    assert len(rows) == 7
    assert {row.traceparent.split("-")[1] for row in rows} == {TRACE.split("-")[1]}
    async with transactions.begin() as tx:
        mail = (await tx.session.scalars(select(MailRow))).one()
    assert mail.about == "notification"
    assert mail.traceparent is not None
    assert mail.traceparent.split("-")[1] == TRACE.split("-")[1]


async def test_the_same_events_again_change_nothing(
    consumer: Consumer, transactions: Transactions
) -> None:
    events = [delivered(notification(), 1), delivered(report(), 2)]
    for _ in range(3):
        await consumer.take(events)
    found = await told(transactions)
    assert found.count(("clock.started", REPORT)) == 1
    assert found.count(("clock.met", REPORT)) == 1


async def test_one_batch_may_hold_a_whole_story(
    consumer: Consumer, transactions: Transactions
) -> None:
    story = [notification(), decision("learning-review"), decision("no-learning-review"), report()]
    await consumer.take([delivered(event, number) for number, event in enumerate(story, 1)])
    assert [kind for kind, rule in await told(transactions) if rule == REPORT] == [
        "clock.started",
        "clock.cancelled",
        "clock.reopened",
        "clock.met",
    ]


async def test_an_event_without_its_notification_waits_for_a_person_with_those_behind_it(
    consumer: Consumer, transactions: Transactions
) -> None:
    await consumer.take([delivered(report(), 2)])
    await consumer.take([delivered(decision("learning-review"), 3)])
    await consumer.take([delivered(notification(), 1, key="another")])
    assert await parked(transactions) == ["refused", "behind"]
    assert len(await told(transactions)) == 7


async def test_events_it_has_no_use_for_pass_by(
    consumer: Consumer, transactions: Transactions
) -> None:
    added = AddendumAdded(reference=REFERENCE, area=FIFE, addendum="1", added_at=RECEIVED)
    await consumer.take([delivered(added, 2)])
    assert await parked(transactions) == []
    async with transactions.begin() as tx:
        inbox = PLUMBING.messaging.inbox
        assert await tx.session.scalar(select(func.count()).select_from(inbox)) == 1


async def test_what_is_learned_of_the_past_and_of_the_case_takes_effect_once(
    consumer: Consumer, transactions: Transactions
) -> None:
    about = {"reference": REFERENCE, "kind": LAC, "area": FIFE}
    later = DIED + timedelta(days=2)
    moved = DateCorrected(
        **about,
        field="occurred_at",
        before=DIED,
        after=DIED - timedelta(days=1),
        corrected_at=later,
    )
    events: list[Event] = [
        notification(),
        moved,
        ReviewRatified(**about, ratified_at=later),
        NotificationWithdrawn(**about, withdrawn_at=later),
        CaseReopened(**about, reopened_at=later),
        CaseClosed(**about, closed_at=later),
    ]
    deliveries = [delivered(event, number) for number, event in enumerate(events, start=1)]
    await consumer.take([*deliveries, *deliveries])
    said = [what for what, rule in await told(transactions) if rule == REPORT]
    assert said == [
        "clock.started",
        "clock.recomputed",
        "clock.cancelled",
        "clock.reopened",
        "clock.cancelled",
    ]
