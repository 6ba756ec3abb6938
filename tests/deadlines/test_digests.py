"""One mail a day for whoever wants that: each thing once, once a day, whatever fails on the way."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.deadlines.domain.digest import Delivery, digest_for, following
from services.deadlines.entrypoints.digester import Digester
from services.deadlines.entrypoints.mailer import Mailer
from services.deadlines.outside.directory import Directory
from services.deadlines.outside.mail_transport import mail_transport
from services.deadlines.storage.digests import claim_digests, save_choice
from services.deadlines.use_cases.take_owed_mails import CLAIMED_FOR
from shared.clock import london_date
from shared.transaction import Transactions
from tests.deadlines.builders import (
    RECEIVED,
    REPORT_DUE,
    RULEBOOK,
    published,
    short,
    started,
    submitted,
    swept,
)
from tests.deadlines.official import FIFE
from tests.deadlines.test_mailer import POST, at, directory, directory_url

# The directory of the mailer's tests.
assert directory
assert directory_url

SOON = RECEIVED + timedelta(hours=1)
# The notification came on 10 February at 15:00: its digest is that of the next morning.
MORNING = datetime(2026, 2, 11, 8, tzinfo=UTC)


@pytest.fixture
async def person(directory: Directory) -> str:
    """The link inspector of Fife in February."""
    found = await directory.link_inspector(FIFE, date(2026, 2, 10))
    assert found is not None
    return found.person


@pytest.fixture
async def mailer(
    transactions: Transactions, directory: Directory, person: str, tmp_path: Path
) -> Mailer:
    """Writes to a folder; the link inspector of Fife wants to be told once a day."""
    async with transactions.begin() as tx:
        await save_choice(tx.session, person, Delivery.DAILY, 1, RECEIVED)
    return Mailer(
        transactions, RULEBOOK, directory, mail_transport(f"folder://{tmp_path}"), POST, at(SOON)
    )


def mails(folder: Path) -> list[EmailMessage]:
    files = sorted(folder.glob("*.eml"))
    return [cast("EmailMessage", message_from_bytes(f.read_bytes(), policy=default)) for f in files]


async def digested(mailer: Mailer, now: datetime) -> int:
    return await Digester(replace(mailer, clock=at(now))).send_due()


async def pass_the_wait(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        await tx.session.execute(text("UPDATE digests SET next_try_at = now() - interval '1 s'"))


async def people_told(transactions: Transactions) -> list[Any]:
    return [row for row in await published(transactions) if short(row.type) == "person.told"]


async def test_what_comes_up_in_a_day_is_one_mail_of_the_next_morning(
    mailer: Mailer, transactions: Transactions, tmp_path: Path, person: str
) -> None:
    for number in range(3):
        await started(transactions, case=str(number), reference=f"SN-{number}")
    assert await mailer.send_owed() == 3
    assert mails(tmp_path) == []
    assert await digested(mailer, MORNING - timedelta(microseconds=1)) == 0
    assert await digested(mailer, MORNING) == 1
    (mail,) = mails(tmp_path)
    assert mail["Subject"] == "Strategic Scrutiny: 3 things on Wednesday 11 February 2026"
    assert mail["Message-ID"].startswith(f"<digest.{person}.2026-02-11@")
    assert all(f"SN-{number}: notification received" in mail.get_content() for number in range(3))


async def test_each_thing_a_digest_told_is_published_once_under_its_one_mail(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    for number in range(3):
        await started(transactions, case=str(number), reference=f"SN-{number}")
    await mailer.send_owed()
    assert await people_told(transactions) == []
    for _ in range(3):
        await digested(mailer, MORNING)
        await pass_the_wait(transactions)
    told = await people_told(transactions)
    assert sorted(row.subject for row in told) == ["SN-0", "SN-1", "SN-2"]
    assert all(b"<digest." in row.body for row in told)


async def test_what_is_no_longer_so_in_the_morning_is_left_out(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    await swept(transactions, REPORT_DUE)
    evening = REPORT_DUE + timedelta(hours=20)
    await replace(mailer, clock=at(evening)).send_owed()
    await submitted(transactions, evening)
    await digested(mailer, REPORT_DUE + timedelta(days=1, hours=8))
    (mail,) = mails(tmp_path)
    assert "notification received" in mail.get_content()
    assert "overdue" not in mail.get_content()


async def test_nothing_is_added_to_a_digest_that_is_on_its_way(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions, case="1", reference="SN-1")
    await mailer.send_owed()
    async with transactions.begin() as tx:  # and the process that took it died
        assert len(await claim_digests(tx.session, MORNING, CLAIMED_FOR, 10)) == 1
    await started(transactions, case="2", reference="SN-2")
    await mailer.send_owed()
    await pass_the_wait(transactions)
    await digested(mailer, MORNING)
    await digested(mailer, MORNING + timedelta(days=1))
    first, second = mails(tmp_path)
    assert "SN-2" not in first.get_content()
    assert "SN-2" in second.get_content()


async def test_a_crash_between_sending_and_recording_sends_the_same_mail_again(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    await mailer.send_owed()
    digester = Digester(replace(mailer, clock=at(MORNING)))
    (digest,) = await digester._take()
    await digester._send(digest, digest.message_id("deadlines.scrutiny.example.org"))
    async with transactions.begin() as tx:  # what it had written was lost
        await tx.session.execute(text("UPDATE digests SET sent_at = NULL"))
    await pass_the_wait(transactions)
    assert await digested(mailer, MORNING) == 1
    assert len(mails(tmp_path)) == 1
    assert len(await people_told(transactions)) == 1


async def test_a_clock_that_is_turned_back_sends_no_second_digest_of_a_day(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions, case="1", reference="SN-1")
    await mailer.send_owed()
    await digested(mailer, MORNING)
    await started(transactions, case="2", reference="SN-2")
    await mailer.send_owed()  # at an hour before it went out
    assert await digested(mailer, MORNING) == 0
    assert len(mails(tmp_path)) == 1


async def test_the_office_is_told_at_once_whatever_its_link_inspector_chose(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    late = REPORT_DUE + timedelta(days=14)
    await swept(transactions, late)
    await replace(mailer, clock=at(late)).send_owed()
    assert {mail["To"] for mail in mails(tmp_path)} == {
        "strategic.support@example.org",
        "chief.inspector@example.org",
    }


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 23),
)
def test_a_digest_is_of_its_own_local_day_and_at_most_25_hours_away(
    now: datetime, hour: int
) -> None:
    digest = digest_for("p", now, hour)
    assert now < digest.send_at <= now + timedelta(hours=25)
    assert london_date(digest.send_at) == digest.day
    after = following(digest, hour)
    assert after.day == digest.day + timedelta(days=1)
    assert after.send_at > digest.send_at
