"""The system in production shape: the containers' own commands, accounts and secrets.

Three brokers with TLS, accounts and grants; a database and role a service; HTTP processes and
workers apart; somebody else's identity provider. Where things are differs from the compose file,
what they may do does not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.processes import wait_until
from shared.access.principal import Role
from shared.events.partners import NOTIFICATION_SUBMITTED
from shared.events.topics import partner_inbound, partner_receipts
from tests.access_kit import auth, mint
from tests.contracts.examples import EXAMPLES
from tests.deploy.brokers import Brokers, receive
from tests.deploy.compose import OURS as IMAGE
from tests.deploy.compose import containers, one_shot
from tests.deploy.identity_provider import identity_provider
from tests.deploy.installation import Installation
from tests.deploy.test_databases import run_script
from tests.servers import PostgresServer

pytestmark = pytest.mark.slow

OURS = {name: each for name, each in containers().items() if each["image"].startswith(IMAGE)}
ONE_SHOTS = [name for name, each in OURS.items() if one_shot(each)]
PROCESSES = [name for name in OURS if name not in ONE_SHOTS]
BODY = next(each.body for each in EXAMPLES if each.type == NOTIFICATION_SUBMITTED)
FIFE = "S12000047"


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, brokers: Brokers
) -> Iterator[Installation]:
    """Every container of ours: those that end have ended, and the others are healthy."""
    folder = tmp_path_factory.mktemp("installation")
    with identity_provider() as issuer:
        installation = Installation.of(folder, postgres, brokers, issuer, *PROCESSES)
        made = run_script(postgres, folder / "secrets")
        assert made.returncode == 0, made.stderr
        try:
            for name in ONE_SHOTS:
                installation.run(name)
            for name in PROCESSES:
                installation.start(name)
            for name in PROCESSES:
                installation.wait_healthy(name)
            yield installation
        finally:
            installation.stop()


def as_(installation: Installation, *roles: Role, areas: list[str] | None = None) -> dict[str, str]:
    """Request headers of somebody that the identity provider has signed in."""
    return auth(mint(*roles, areas=areas, iss=installation.issuer))


def clocks_of(installation: Installation, reference: str) -> list[dict[str, Any]]:
    """The clocks of a case, as deadlines answers them."""
    answer = httpx.get(
        f"{installation.url('deadlines')}/clocks",
        params={"reference": reference},
        headers=as_(installation, Role.CHIEF_INSPECTOR),
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def has_clocks(installation: Installation, reference: str) -> bool:
    """Whether they were started in good time."""
    return wait_until(
        lambda: bool(clocks_of(installation, reference)), within=30, alive=lambda: True, every=0.3
    )


def test_a_notification_over_http_becomes_clocks_and_a_mail(installation: Installation) -> None:
    headers = as_(installation, Role.NOTIFIER, areas=[FIFE]) | {"Idempotency-Key": str(uuid4())}
    url = f"{installation.url('intake')}/notifications"
    answer = httpx.post(url, json=BODY, headers=headers)
    assert answer.status_code == 201, answer.text
    reference = answer.json()["reference"]
    assert has_clocks(installation, reference)
    mails = installation.folder / "mails"
    assert wait_until(lambda: told(mails, reference), within=30, alive=lambda: True, every=0.3)


def told(mails: Path, reference: str) -> bool:
    """Whether a mail about the case was sent, with a link to where people open it."""
    texts = [mail.read_text() for mail in mails.glob("*.eml")]
    return any(reference in text and "https://scrutiny.example.org" in text for text in texts)


async def test_a_partners_message_is_answered_on_its_receipts(
    installation: Installation, brokers: Brokers
) -> None:
    example = next(each for each in EXAMPLES if each.type == NOTIFICATION_SUBMITTED)
    producer = AIOKafkaProducer(
        bootstrap_servers=brokers.partner_bootstrap, **brokers.sign_in("fife")
    )
    try:
        await producer.start()
        await producer.send_and_wait(
            partner_inbound("fife").name,
            example.value,
            key=example.key.encode(),
            headers=example.pairs,
        )
    finally:
        await producer.stop()
    receipts = partner_receipts("fife").name
    receipt = msgspec.json.decode(await receive(brokers, "fife", receipts, "partner.fife.own"))
    assert receipt["in_reply_to"] == example.headers["ce_id"]
    assert has_clocks(installation, receipt["reference"])


def test_a_person_is_sent_to_the_identity_provider_and_back(installation: Installation) -> None:
    page = httpx.get(f"{installation.url('console')}/sign-in", follow_redirects=False)
    assert page.is_redirect, page.text
    there = httpx.URL(page.headers["location"])
    assert str(there).startswith(f"{installation.issuer}/authorize?")
    assert there.params["client_id"] == "console"
    assert there.params["redirect_uri"].startswith("https://scrutiny.example.org/")
    assert there.params["code_challenge_method"] == "S256"


def test_every_process_is_well_after_its_work(installation: Installation) -> None:
    for name in PROCESSES:
        installation.wait_healthy(name, within=20)


def test_every_process_ends_when_it_is_asked_to(installation: Installation) -> None:
    seconds = installation.stop()
    grace = float(OURS["intake"]["stop_grace_period"].removesuffix("s"))
    assert {name: took for name, took in seconds.items() if took > grace} == {}
    assert {name: each.returncode for name, each in installation.running.items()} == dict.fromkeys(
        PROCESSES, 0
    )
