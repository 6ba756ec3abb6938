"""Many notifications in one batch begin as they would one by one, each in its own trace."""

from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col

from services.deadlines.entrypoints.subscribers import subscribe
from services.deadlines.storage.mail_tables import MailRow
from services.deadlines.storage.tables import PLUMBING, CaseRow, ClockRow
from shared.confidential.fields import FieldCipher
from shared.events.envelope import Event, Headers, to_kafka_headers
from shared.events.intake import ReportSubmitted
from shared.events.topics import INTAKE
from shared.messaging.backoff import Backoff
from shared.messaging.delivery import Delivery, RawRecord, read_raw
from shared.messaging.inbox import Consumer
from shared.messaging.parking import Parking
from shared.transaction import Transactions
from tests.access_kit import FIELD_KEYS
from tests.deadlines.builders import DIED, LAC, RULEBOOK, notification, published
from tests.deadlines.official import FIFE
from tests.service_kit import transactions_on

NOW = DIED + timedelta(days=3)
MANY = 30
# Given out by the database, or of the span and not of the trace.
NEW_EACH_TIME = ("number", "traceparent", "next_try_at")


@pytest.fixture
def consumer(transactions: Transactions) -> Consumer:
    parking = Parking(FieldCipher(SecretStr(FIELD_KEYS)))
    made = Consumer("deadlines", transactions, parking, backoff=lambda: Backoff(0.001, 0.002))
    subscribe(made, RULEBOOK, lambda: NOW)
    return made


def received(number: int, **given: Any) -> Delivery:
    return _delivered(notification(reference=f"SN-{number}", **given), number, 1)


def reported(number: int) -> Delivery:
    event = ReportSubmitted(
        reference=f"SN-{number}",
        kind=LAC,
        area=FIFE,
        stage="report",
        submission="1",
        submitted_at=DIED + timedelta(days=2),
    )
    return _delivered(event, number, 2)


def _delivered(event: Event, number: int, sequence: int) -> Delivery:
    key = f"case-{number}"
    headers = Headers(
        id=f"{key}-{sequence}",
        type=event.TYPE,
        source="intake",
        subject=f"SN-{number}",
        key=key,
        sequence=sequence,
        time=NOW,
        traceparent=f"00-{number + 1:032x}-{number + 1:016x}-01",
    )
    pairs = to_kafka_headers(headers)
    raw = RawRecord(INTAKE.name, 0, number, 0, key.encode(), pairs, msgspec.json.encode(event))
    return read_raw(raw)


async def told_of(transactions: Transactions) -> dict[str, list[Any]]:
    """What was published, by case, without what is new each time."""
    found: dict[str, list[Any]] = {}
    for row in await published(transactions):
        trace = row.traceparent.split("-")[1]
        found.setdefault(row.key, []).append((row.sequence, row.type, row.body, trace))
    return found


async def rows_of(transactions: Transactions, kind: Any, *left_out: str) -> list[Any]:
    async with transactions.begin() as tx:
        rows = (await tx.session.execute(select(kind.__table__))).all()
    shown = [{k: v for k, v in row._mapping.items() if k not in left_out} for row in rows]
    return sorted(shown, key=str)


async def test_a_batch_of_notifications_leaves_what_one_by_one_leaves(
    consumer: Consumer, transactions: Transactions, fresh_database: Any
) -> None:
    batch = [received(number) for number in range(MANY)]
    await consumer.take([*batch, *(reported(number) for number in range(0, MANY, 3))])
    together = await told_of(transactions)
    rows = [await rows_of(transactions, kind, *NEW_EACH_TIME) for kind in
            (CaseRow, ClockRow, MailRow)]  # fmt: skip

    async with transactions_on(fresh_database("deadlines"), PLUMBING, "deadlines") as others:
        alone = Consumer("deadlines", others, Parking(FieldCipher(SecretStr(FIELD_KEYS))))
        subscribe(alone, RULEBOOK, lambda: NOW)
        for number, delivery in enumerate(batch):
            await alone.take([delivery])
            if number % 3 == 0:
                await alone.take([reported(number)])
        assert await told_of(others) == together
        for kind, expected in zip((CaseRow, ClockRow, MailRow), rows, strict=True):
            assert await rows_of(others, kind, *NEW_EACH_TIME) == expected


async def test_each_case_goes_on_in_the_trace_of_its_own_notification(
    consumer: Consumer, transactions: Transactions
) -> None:
    await consumer.take([received(number) for number in range(MANY)])
    for key, events in (await told_of(transactions)).items():
        own = f"{int(key.removeprefix('case-')) + 1:032x}"
        assert {trace for *_, trace in events} == {own}
    async with transactions.begin() as tx:
        mails = (await tx.session.scalars(select(MailRow))).all()
        cases = {row.id: row.traceparent for row in await tx.session.scalars(select(CaseRow))}
    assert Counter(mail.about for mail in mails)["notification"] == MANY
    for mail in mails:
        traces = {str(mail.traceparent).split("-")[1], str(cases[mail.case_id]).split("-")[1]}
        assert traces == {f"{int(mail.case_id.removeprefix('case-')) + 1:032x}"}


async def test_a_kind_without_rules_is_parked_alone(
    consumer: Consumer, transactions: Transactions
) -> None:
    batch = [received(number) for number in range(MANY)]
    batch[7] = received(7, kind="no-such-kind")
    await consumer.take(batch)
    async with transactions.begin() as tx:
        parked = (await tx.session.execute(select(PLUMBING.messaging.parked))).all()
        cases = set(await tx.session.scalars(select(col(CaseRow.id))))
    assert [(row.offset, row.reason) for row in parked] == [(7, "refused")]
    assert cases == {f"case-{number}" for number in range(MANY) if number != 7}


async def test_a_case_that_is_known_or_comes_twice_begins_once(
    consumer: Consumer, transactions: Transactions
) -> None:
    await consumer.take([received(1)])
    before = await told_of(transactions)
    again = [_delivered(notification(reference="SN-1"), 1, sequence) for sequence in (3, 4)]
    twice = [_delivered(notification(reference="SN-2"), 2, sequence) for sequence in (1, 2)]
    await consumer.take([*again, *twice])
    after = await told_of(transactions)
    assert after["case-1"] == before["case-1"]
    assert len(after["case-2"]) == len(before["case-1"])
