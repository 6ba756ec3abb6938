"""How somebody is told, over HTTP: who may choose for whom, against the real directory."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest
from sqlalchemy import select

from services.deadlines.entrypoints.choice_routes import CHOICE_ROUTES
from services.deadlines.outside.directory import Directory
from services.deadlines.settings import Settings
from services.deadlines.storage.tables import PLUMBING
from shared.access.principal import Role
from shared.clock import london_date, utc_now
from shared.transaction import Transactions
from shared.web.app import service_app
from tests.access_kit import as_, service_settings
from tests.deadlines.official import FIFE
from tests.deadlines.test_mailer import directory, directory_url
from tests.service_kit import calling

# The directory of the mailer's tests.
assert directory
assert directory_url

GLASGOW = "S12000049"
DAILY = {"delivery": "daily"}


@pytest.fixture
async def caller(
    database_url: str, transactions: Transactions, directory: Directory
) -> AsyncIterator[httpx.AsyncClient]:
    """The routes as the application has them."""
    app = service_app(
        service_settings(Settings, database_url=database_url),
        title="Deadlines",
        routes=CHOICE_ROUTES,
        dependencies={"transactions": transactions, "directory": directory},
        health=[],
    )
    async with calling(app) as client:
        yield client


@pytest.fixture
async def path(directory: Directory) -> str:
    """The choice of whoever is link inspector of Fife today."""
    return f"/mail-choices/{await person_for(directory, FIFE, london_date(utc_now()))}"


async def person_for(directory: Directory, area: str, on: date) -> str:
    found = await directory.link_inspector(area, on)
    assert found is not None
    return found.person


def inspector(area: str) -> dict[str, str]:
    return as_(Role.STRATEGIC_INSPECTOR, areas=[area])


async def test_an_inspector_chooses_and_it_is_audited(
    caller: httpx.AsyncClient, transactions: Transactions, path: str
) -> None:
    before = await caller.get(path, headers=inspector(FIFE))
    assert (before.json()["delivery"], before.headers["ETag"]) == ("each", '"0"')
    answer = await caller.put(path, json=DAILY, headers={**inspector(FIFE), "If-Match": '"0"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert (await caller.get(path, headers=inspector(FIFE))).json()["delivery"] == "daily"
    async with transactions.begin() as tx:
        acts = await tx.session.scalars(select(PLUMBING.audit_log.c.act))
        assert list(acts) == ["delivery of mails chosen"]


async def test_whoever_has_not_seen_the_choice_before_it_is_refused(
    caller: httpx.AsyncClient, path: str
) -> None:
    chief = as_(Role.CHIEF_INSPECTOR)
    assert (await caller.put(path, json=DAILY, headers=chief)).status_code == 428
    stale = {**chief, "If-Match": '"7"'}
    assert (await caller.put(path, json=DAILY, headers=stale)).status_code == 412


async def test_somebody_of_another_area_is_nobody_to_an_inspector(
    caller: httpx.AsyncClient, path: str
) -> None:
    theirs = inspector(GLASGOW)
    assert (await caller.get(path, headers=theirs)).status_code == 404
    assert (await caller.put(path, json=DAILY, headers=theirs)).status_code == 404


async def test_the_support_team_chooses_for_anybody_there_is(
    caller: httpx.AsyncClient, path: str
) -> None:
    support = {**as_(Role.SUPPORT_OFFICER), "If-Match": '"0"'}
    assert (await caller.put(path, json=DAILY, headers=support)).status_code == 200
    nobody = await caller.put("/mail-choices/no/body", json=DAILY, headers=support)
    assert nobody.status_code == 404
    for person in ("nobody", "%00"):
        answer = await caller.get(f"/mail-choices/{person}", headers=support)
        assert answer.status_code == 404


@pytest.mark.parametrize("role", [Role.NOTIFIER, Role.OPERATOR, Role.AUDITOR, Role.SERVICE])
async def test_others_choose_for_nobody(caller: httpx.AsyncClient, path: str, role: Role) -> None:
    headers = {**as_(role, areas=[FIFE]), "If-Match": '"0"'}
    assert (await caller.put(path, json=DAILY, headers=headers)).status_code == 403
