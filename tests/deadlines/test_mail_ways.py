"""Ways out for mail: SMTP against a real server, and GOV.UK Notify over real HTTP."""

from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import aiosmtplib
import pytest

from services.deadlines.outside.mail_notify import GovUkNotify, NotifyRefused
from services.deadlines.outside.mail_transport import mail_transport
from shared.clock import utc_now
from tests.deadlines.notify_server import KEY, SERVICE, notify_server
from tests.deadlines.smtp_server import smtp_server

WHO = "link.inspector.1@example.org"


def a_mail(name: str = "overdue.lac-report-28d.SN-1") -> EmailMessage:
    message = EmailMessage()
    message["Message-ID"] = f"<{name}@deadlines.scrutiny.example.org>"
    message["From"], message["To"] = "us@example.org", WHO
    message["Subject"] = "SN-1: the report is overdue, Fife"
    message.set_content("The report has not been received in time.\nOpen it: http://console\n")
    return message


# aiosmtpd says, rightly, that nobody should do so outside a test on one machine.
WITHOUT_TLS = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@WITHOUT_TLS
async def test_a_server_that_asks_for_a_password_gets_it() -> None:
    async with smtp_server(ours="a secret/word") as server:
        url = f"smtp://ours:a%20secret%2Fword@127.0.0.1:{server.port}"
        await mail_transport(url).send(a_mail())
    assert [mail["To"] for mail in server.mails] == [WHO]


@WITHOUT_TLS
async def test_a_wrong_password_sends_nothing() -> None:
    async with smtp_server(ours="right") as server:
        with pytest.raises(aiosmtplib.SMTPException):
            await mail_transport(f"smtp://ours:wrong@127.0.0.1:{server.port}").send(a_mail())
    assert server.mails == []


async def test_a_mail_whose_answer_was_lost_goes_again_under_the_same_id() -> None:
    async with smtp_server() as server:
        transport = mail_transport(f"smtp://127.0.0.1:{server.port}")
        server.goes_silent = True
        with pytest.raises((aiosmtplib.SMTPException, OSError)):
            await transport.send(a_mail())
        server.goes_silent = False
        await transport.send(a_mail(), again=True)
    assert len({mail["Message-ID"] for mail in server.mails}) == 1


async def test_notify_is_given_the_whole_mail_and_our_reference() -> None:
    async with notify_server() as server:
        await mail_transport(server.mail_url()).send(a_mail())
    (taken,) = server.taken
    assert taken["email_address"] == WHO
    assert taken["reference"] == "overdue.lac-report-28d.SN-1@deadlines.scrutiny.example.org"
    assert taken["personalisation"]["subject"] == "SN-1: the report is overdue, Fife"
    assert taken["personalisation"]["body"].startswith("The report has not been received")


async def test_notify_sends_once_what_it_took_over_without_our_hearing_of_it() -> None:
    async with notify_server() as server:
        transport = mail_transport(server.mail_url())
        server.forgets_to_say = True
        with pytest.raises(NotifyRefused, match="500 Exception"):
            await transport.send(a_mail())
        await transport.send(a_mail(), again=True)
        await transport.send(a_mail("due-soon.lac-report-28d.SN-1"), again=True)
    assert len(server.taken) == 2


@pytest.mark.parametrize("code", [400, 403, 429, 500])
async def test_a_refusal_of_notify_is_told_by_its_name_and_without_an_address(code: int) -> None:
    async with notify_server() as server:
        server.refusal = (code, "SomeError")
        for again in (False, True):
            with pytest.raises(NotifyRefused) as refused:
                await mail_transport(server.mail_url()).send(a_mail(), again=again)
            assert str(refused.value) == f"{code} SomeError"
    assert server.taken == []


async def test_notify_takes_nothing_under_another_secret() -> None:
    other = f"for-tests-{SERVICE}-00000000-8d35-48ac-975b-e847b4f122b0"
    async with notify_server() as server:
        with pytest.raises(NotifyRefused, match="403 AuthError"):
            await mail_transport(server.mail_url(other)).send(a_mail())


async def test_notify_takes_no_token_of_a_clock_that_is_wrong() -> None:
    async with notify_server() as server:
        slow = GovUkNotify(urlsplit(server.mail_url()), lambda: utc_now() - timedelta(seconds=60))
        with pytest.raises(NotifyRefused, match="403 AuthError"):
            await slow.send(a_mail())


@pytest.mark.parametrize(
    "url",
    [
        f"notify://{KEY}@api.notifications.service.gov.uk",
        "notify://short@api.notifications.service.gov.uk/template",
        f"notify+http://{KEY}@api.notifications.service.gov.uk/template",
    ],
)
def test_a_notify_address_without_key_or_template_or_in_clear_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SCRUTINY_MAIL_URL must"):
        mail_transport(url)
