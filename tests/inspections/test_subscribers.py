"""What the directory says reaches the projection: once, in order, over a real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from msgspec import json

from services.directory.domain.appointment import Appointment, Wanted
from services.directory.domain.person import KnownAs
from services.directory.settings import Settings as DirectorySettings
from services.directory.storage.tables import PLUMBING as DIRECTORY
from services.directory.use_cases.add_person import add_person
from services.directory.use_cases.end_appointment import end_appointment
from services.directory.use_cases.make_appointment import make_appointment
from services.directory.worker import build_worker as build_directory_worker
from services.inspections.domain.link_inspector import Tenure
from services.inspections.entrypoints.subscribers import subscribe
from services.inspections.settings import Settings
from services.inspections.storage.link_inspectors import load_tenure
from services.inspections.worker import build_worker
from shared.confidential.fields import FieldCipher
from shared.database import Database
from shared.events.directory import AppointmentEnded, AppointmentMade
from shared.events.envelope import Event, Headers, new_event_id, to_kafka_headers
from shared.events.topics import DIRECTORY as TOPIC
from shared.messaging.delivery import Delivery, RawRecord, read_raw
from shared.messaging.inbox import Consumer
from shared.messaging.parking import Parking
from shared.transaction import Transactions
from shared.worker import Worker
from tests.access_kit import FIELD_KEYS, as_, service_settings
from tests.conftest import FreshDatabase
from tests.inspections.builders import FIFE
from tests.inspections.test_routes import plan

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
START, END = date(2026, 1, 1), date(2026, 5, 15)


@pytest.fixture
def consumer(transactions: Transactions) -> Consumer:
    """The subscribers of inspections on its database."""
    made = Consumer("inspections", transactions, Parking(FieldCipher(FIELD_KEYS)))
    subscribe(made)
    return made


def delivered(event: Event, sequence: int, offset: int, event_id: str | None = None) -> Delivery:
    headers = Headers(
        id=event_id or new_event_id(),
        type=event.TYPE,
        source="directory",
        subject="appointment-1",
        key="appointment-1",
        sequence=sequence,
        time=NOW,
    )
    raw = RawRecord(
        TOPIC.name, 0, offset, 0, b"appointment-1", to_kafka_headers(headers), json.encode(event)
    )
    return read_raw(raw)


def made(**given: Any) -> AppointmentMade:
    fields = {
        "appointment": "appointment-1",
        "person": "person-1",
        "role": "link-inspector",
        "area": FIFE,
        "starts_on": START,
    }
    return AppointmentMade(**(fields | given))


def ended(**given: Any) -> AppointmentEnded:
    fields = {
        "appointment": "appointment-1",
        "person": "person-1",
        "role": "link-inspector",
        "area": FIFE,
        "starts_on": START,
        "ends_on": END,
    }
    return AppointmentEnded(**(fields | given))


async def known(transactions: Transactions) -> Tenure | None:
    async with transactions.begin() as tx:
        return await load_tenure(tx.session, "appointment-1")


def tenure(version: int, ends_on: date | None, *, cover: bool = False) -> Tenure:
    return Tenure("appointment-1", "person-1", FIFE, cover, START, ends_on, version)


async def test_an_appointment_is_followed_to_its_end(
    consumer: Consumer, transactions: Transactions
) -> None:
    await consumer.take([delivered(made(kind="cover"), 1, 10)])
    assert await known(transactions) == tenure(1, None, cover=True)
    await consumer.take([delivered(ended(kind="cover"), 2, 11)])
    assert await known(transactions) == tenure(2, END, cover=True)


async def test_what_is_told_again_or_late_changes_nothing(
    consumer: Consumer, transactions: Transactions
) -> None:
    first, last = delivered(made(), 1, 10), delivered(ended(), 2, 11)
    await consumer.take([first, last, last])
    await consumer.take([last, first])
    late = delivered(made(), 1, 12)  # the same fact under another event id
    await consumer.take([late])
    assert await known(transactions) == tenure(2, END)


async def test_an_end_that_does_not_repeat_its_beginning_keeps_the_known_one(
    consumer: Consumer, transactions: Transactions
) -> None:
    await consumer.take([delivered(made(), 1, 10)])
    await consumer.take([delivered(ended(starts_on=None), 2, 11)])
    assert await known(transactions) == tenure(2, END)


async def test_other_roles_are_not_followed(consumer: Consumer, transactions: Transactions) -> None:
    await consumer.take([delivered(made(role="relationship-manager-elc"), 1, 10)])
    await consumer.take([delivered(ended(role="relationship-manager-elc"), 2, 11)])
    assert await known(transactions) is None


@asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[None]:
    for worker in workers:
        await worker.start()
    yield
    for worker in workers:
        await worker.stop()
        await worker.transactions.database.dispose()


async def an_ended_appointment(transactions: Transactions) -> Appointment:
    async with transactions.begin() as tx:
        person = await add_person(
            tx,
            FieldCipher(FIELD_KEYS),
            known_as=KnownAs("Isla Test", "i@example.org"),
            actor="t",
            now=NOW,
        )
        wanted = Wanted(person.id, "link-inspector", FIFE, START)
        appointment = await make_appointment(tx, wanted, actor="t", now=NOW)
    async with transactions.begin() as tx:
        return await end_appointment(
            tx, appointment.id, END, permit=lambda _: None, actor="t", now=NOW
        )


async def test_an_appointment_made_in_the_directory_shows_on_an_inspection(
    client: httpx.AsyncClient, database_url: str, fresh_database: FreshDatabase, kafka: str
) -> None:
    directory_url = fresh_database("directory")
    directory = Database(directory_url)
    workers = (
        build_directory_worker(
            service_settings(DirectorySettings, database_url=directory_url, kafka_bootstrap=kafka)
        ),
        build_worker(service_settings(Settings, database_url=database_url, kafka_bootstrap=kafka)),
    )
    appointment = await an_ended_appointment(Transactions(directory, DIRECTORY, "directory"))
    await directory.dispose()
    reference = (await plan(client))["reference"]
    async with working(*workers), asyncio.timeout(30):
        inspectors = await shown(client, reference)
        while not inspectors or inspectors[0]["to"] != "2026-05-14":
            await asyncio.sleep(0.1)
            inspectors = await shown(client, reference)
    assert inspectors == [
        {"area": FIFE, "person": appointment.person, "from": "2026-05-01", "to": "2026-05-14"}
    ]


async def shown(client: httpx.AsyncClient, reference: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/inspections/{reference}", headers=as_("auditor"))
    return answer.json()["link_inspectors"]
