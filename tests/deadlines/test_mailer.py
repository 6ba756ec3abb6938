"""Mails to the link inspector: to the right person on the day, once, whatever fails on the way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import select, text

from services.deadlines.entrypoints.envelopes import Post
from services.deadlines.entrypoints.mailer import Mailer
from services.deadlines.outside.directory import Directory
from services.deadlines.outside.mail_transport import mail_transport
from services.deadlines.storage.mail_tables import MailRow
from services.directory.app import build_app
from services.directory.sample import load_sample
from services.directory.settings import Settings as DirectorySettings
from shared.access.principal import Role
from shared.clock import Clock
from shared.confidential.fields import FieldCipher
from shared.transaction import Transactions
from tests.access_kit import FIELD_KEYS, as_, service_settings
from tests.conftest import FreshDatabase
from tests.deadlines.builders import (
    RECEIVED,
    REFERENCE,
    REPORT_DUE,
    RULEBOOK,
    started,
    submitted,
    swept,
    told,
)
from tests.deadlines.smtp_server import smtp_server
from tests.servers import run_apart

SUPPORT = "strategic.support@example.org"
POST = Post("strategic.scrutiny@example.org", SUPPORT, "http://console.example.org/")
LATER = timedelta(hours=1)


@pytest.fixture(scope="module")
def directory_url(module_database: FreshDatabase) -> str:
    """The database of a directory with its sample people; nothing here writes to it."""
    url = module_database("directory")
    run_apart(load_sample(url, FieldCipher(FIELD_KEYS)))
    return url


@pytest.fixture
async def directory(directory_url: str) -> AsyncIterator[Directory]:
    """The real directory in front of it, asked with a service's token."""
    app = build_app(service_settings(DirectorySettings, database_url=directory_url))
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://directory",
        headers=as_(Role.SERVICE),
    )
    yield Directory(client)
    await client.aclose()
    for close in app.on_shutdown:
        await cast("Callable[[], Awaitable[None]]", close)()


@pytest.fixture
def mailer(transactions: Transactions, directory: Directory, tmp_path: Path) -> Mailer:
    """The mailer as the worker wires it, writing to a folder, an hour after the notification."""
    transport = mail_transport(f"folder://{tmp_path}")
    return Mailer(transactions, RULEBOOK, directory, transport, POST, at(RECEIVED + LATER))


def at(moment: datetime) -> Clock:
    return lambda: moment


def written(folder: Path) -> dict[str, Message]:
    """Every mail in the folder by its file's name."""
    files = sorted(folder.glob("*.eml"))
    return {file.name: message_from_bytes(file.read_bytes(), policy=default) for file in files}


async def pass_the_wait(transactions: Transactions) -> None:
    """Claims run out and waits end, as they would by the database's clock."""
    async with transactions.begin() as tx:
        await tx.session.execute(text("UPDATE mails SET next_try_at = now() - interval '1 s'"))


async def only_row(transactions: Transactions) -> Any:
    async with transactions.begin() as tx:
        return (await tx.session.scalars(select(MailRow))).one()


async def test_the_link_inspector_of_the_area_gets_one_mail_when_a_notification_arrives(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    assert await mailer.send_owed() == 1
    assert await mailer.send_owed() == 0
    mail = written(tmp_path)[f"notification.{REFERENCE}.eml"]
    assert mail["Subject"] == f"{REFERENCE}: notification received, Fife"
    assert mail["To"].endswith("@example.org")
    assert mail["To"] != SUPPORT
    assert mail["Message-ID"] == f"<notification.{REFERENCE}@deadlines.scrutiny.example.org>"


async def test_a_mail_says_what_is_due_and_nothing_about_anybody(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    await mailer.send_owed()
    (mail,) = written(tmp_path).values()
    text = cast("EmailMessage", mail).get_content()
    assert "Area: Fife (S12000047)" in text
    assert "The report: due by the end of Tuesday 10 March 2026; open." in text
    assert f"http://console.example.org/cases/{REFERENCE}" in text


async def test_it_goes_to_whoever_holds_the_role_on_the_day_it_is_sent(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    # In the sample, somebody else covers Fife from 16 February to 1 March 2026.
    usual, cover = datetime(2026, 2, 12, tzinfo=UTC), datetime(2026, 2, 20, tzinfo=UTC)
    found: list[str] = []
    for number, day in enumerate((usual, cover)):
        await started(transactions, day, case=str(number), reference=f"SN-{number}")
        await replace(mailer, clock=at(day)).send_owed()
        found.append(written(tmp_path)[f"notification.SN-{number}.eml"]["To"])
    assert found[0] != found[1]
    assert SUPPORT not in found


async def test_where_nobody_is_appointed_the_support_team_is_written_to(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    long_ago = datetime(2019, 5, 1, 12, tzinfo=UTC)
    given = dict.fromkeys(("occurred_at", "aware_at", "received_at"), long_ago)
    await started(transactions, long_ago, **given)
    await replace(mailer, clock=at(long_ago)).send_owed()
    assert [mail["To"] for mail in written(tmp_path).values()] == [SUPPORT]
    assert (await only_row(transactions)).person is None


async def test_each_reminder_is_one_mail(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    await swept(transactions, REPORT_DUE)
    await replace(mailer, clock=at(REPORT_DUE)).send_owed()
    assert list(written(tmp_path)) == [
        f"last-day.lac-report-28d.{REFERENCE}.20260311T000000.eml",
        f"notification.{REFERENCE}.eml",
        f"overdue.lac-report-28d.{REFERENCE}.20260311T000000.eml",
    ]
    overdue = written(tmp_path)[f"overdue.lac-report-28d.{REFERENCE}.20260311T000000.eml"]
    assert overdue["Subject"] == f"{REFERENCE}: the report is overdue, Fife"


async def test_a_reminder_that_comes_late_says_what_is_so_now(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    await swept(transactions, REPORT_DUE)
    await replace(mailer, clock=at(REPORT_DUE)).send_owed()
    late = written(tmp_path)[f"last-day.lac-report-28d.{REFERENCE}.20260311T000000.eml"]
    assert late["Subject"] == f"{REFERENCE}: the report is overdue, Fife"
    assert "should have come before" in cast("EmailMessage", late).get_content()


async def test_the_last_rungs_go_to_the_office_and_not_to_the_link_inspector(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    long_after = REPORT_DUE + timedelta(days=14)
    await swept(transactions, long_after)
    await replace(mailer, clock=at(long_after)).send_owed()
    mails = written(tmp_path)
    support = mails[f"overdue-support.lac-report-28d.{REFERENCE}.20260311T000000.eml"]
    chief = mails[f"overdue-chief.lac-report-28d.{REFERENCE}.20260311T000000.eml"]
    assert (support["To"], chief["To"]) == (SUPPORT, "chief.inspector@example.org")
    assert len(mails) == 5  # and the notification, the last day, and that it is still overdue


async def test_nobody_is_reminded_of_what_has_come_before_the_mail_could_go(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    await swept(transactions, REPORT_DUE)
    await submitted(transactions, REPORT_DUE + LATER)
    await replace(mailer, clock=at(REPORT_DUE + LATER)).send_owed()
    assert list(written(tmp_path)) == [f"notification.{REFERENCE}.eml"]
    assert await replace(mailer, clock=at(REPORT_DUE + LATER)).send_owed() == 0


async def test_who_was_told_is_published_once_in_the_order_of_the_case(
    mailer: Mailer, transactions: Transactions
) -> None:
    await started(transactions)
    await mailer.send_owed()
    assert (await told(transactions))[-1] == ("person.told", "notification")
    row = await only_row(transactions)
    assert row.person is not None
    assert row.sent_at == RECEIVED + LATER


async def test_a_crash_between_sending_and_recording_doubles_nothing(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    (claimed,) = await mailer._take()
    message = EmailMessage()
    message["Message-ID"] = claimed.message_id
    await mailer.transport.send(message)  # and here the process died
    assert await mailer.send_owed() == 0  # it is still claimed
    await pass_the_wait(transactions)
    assert await mailer.send_owed() == 1
    (mail,) = written(tmp_path).values()
    assert mail["Subject"] is not None
    assert [kind for kind, _ in await told(transactions)].count("person.told") == 1


async def test_two_mailers_share_what_is_owed(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    for number in range(12):
        await started(transactions, case=str(number), reference=f"SN-{number}")
    other = replace(mailer)
    tried = [len(await mailer._take()), len(await other._take())]
    assert tried == [10, 2]


async def test_while_directory_is_away_mails_stay_owed(
    mailer: Mailer, transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    nowhere = Directory(httpx.AsyncClient(base_url="http://127.0.0.1:9"))
    assert await replace(mailer, directory=nowhere).send_owed() == 1
    await nowhere.close()
    row = await only_row(transactions)
    assert (row.sent_at, row.attempts, row.last_failure) == (None, 1, "Unavailable")
    assert row.next_try_at > datetime.now(UTC)
    await pass_the_wait(transactions)
    assert await mailer.send_owed() == 1
    assert len(written(tmp_path)) == 1


async def test_mail_goes_out_by_smtp(mailer: Mailer, transactions: Transactions) -> None:
    await started(transactions)
    async with smtp_server() as server:
        by_smtp = replace(mailer, transport=mail_transport(f"smtp://127.0.0.1:{server.port}"))
        server.refuses = True
        await by_smtp.send_owed()
        assert server.mails == []
        server.refuses = False
        await pass_the_wait(transactions)
        assert await by_smtp.send_owed() == 1
    (mail,) = server.mails
    assert mail["Auto-Submitted"] == "auto-generated"
    assert REFERENCE in mail["Subject"]


@pytest.mark.parametrize("url", ["ftp://host", "mail", ""])
def test_a_mail_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with"):
        mail_transport(url)
