"""Who did something is shown by name, to whoever may ask the directory for it."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.console.use_cases.name_people import names_of
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.errors import NotAllowed, ScrutinyError, Unavailable
from shared.messaging.delivery import RawRecord, read_raw
from shared.messaging.parking import Parking, Why
from tests.access_kit import FIELD_KEYS
from tests.conftest import FreshDatabase
from tests.console.console_kit import hidden_fields
from tests.console.office import Office, open_office
from tests.console.test_case_acts import DEATH
from tests.console.test_regime_pages import COVID, DECLARE
from tests.deadlines.builders import started

CALENDAR = "/calendars/S12000047"
DAYS = "date,name\n2026-02-16,A local holiday\n"


async def declared(office: Office) -> str:
    """The address of a regime that the chief inspector declared."""
    await office.browser.sign_in("chief-inspector")
    done = await office.send(DECLARE, DECLARE, do="declare", **COVID)
    assert done.status_code == 303, done.text
    return done.headers["location"]


async def extended(office: Office) -> str:
    """The address of a deadline that Fife's link inspector gave more time."""
    died = utc_now() - timedelta(days=5)
    await started(office.transactions, died, occurred_at=died, aware_at=died, received_at=died)
    await office.browser.sign_in("link-inspector-fife")
    listed = await office.page("/deadlines?kind=death-looked-after-child&state=open")
    address = re.findall(r'href="(/deadlines/[\w.:-]+)">Report', listed)[0]
    said = {"amount": "3", "reason": "The police asked for it", "agreed_by": "Chief inspector"}
    done = await office.send(f"{address}/extensions", address, **said)
    assert done.status_code == 303, done.text
    return address


async def given_up(office: Office) -> str:
    """The address of a parked message that the operator gave up."""
    raw = RawRecord("intake.notifications.v1", 3, 77, 0, b"key", [], b"not an event")
    async with office.transactions.begin() as tx:
        parking = Parking(FieldCipher(FIELD_KEYS))
        parked = await parking.park(tx, read_raw(raw), Why("unreadable", "It", 1), utc_now())
    await office.browser.sign_in("operator")
    address = f"/parked/deadlines/{parked}"
    done = await office.send(f"{address}/discard", address, reason="It was sent by mistake.")
    assert done.status_code == 303, done.text
    return address


async def test_a_regimes_history_names_whoever_declared_it(staffed: Office) -> None:
    address = await declared(staffed)
    assert "· Elspeth Yarrow</p>" in await staffed.page(address)


async def test_a_notifier_sees_the_account_as_ever(staffed: Office) -> None:
    address = await declared(staffed)
    await staffed.change_person("fife-notifier")
    page = await staffed.page(address)
    assert "· chief-inspector</p>" in page
    assert "Elspeth Yarrow" not in page


async def test_while_the_directory_is_away_accounts_are_shown(office: Office) -> None:
    assert "· chief-inspector</p>" in await office.page(await declared(office))


async def test_a_calendars_versions_name_whoever_made_them(staffed: Office) -> None:
    await staffed.browser.sign_in("support-officer")
    told = {"days": DAYS, "mode": "changes", "reason": "The council published it."}
    tried = await staffed.send(CALENDAR, CALENDAR, do="try", **told)
    hidden = hidden_fields(tried.text)
    done = await staffed.browser.client.post(CALENDAR, data=hidden | told | {"do": "change"})
    assert done.status_code == 303, done.text
    assert ", by Angus Larch: The council published it." in await staffed.page(CALENDAR)
    assert ", by seed: " in await staffed.page("/calendars/scotland")


async def test_a_deadlines_acts_name_whoever_did_them_to_the_office_only(staffed: Office) -> None:
    address = await extended(staffed)
    page = await staffed.page(address)
    assert "· Ailsa Rowan · The police asked for it" in page
    assert page.split('id="history"')[1].count("Ailsa Rowan") == 2
    await staffed.change_person("fife-notifier")
    page = await staffed.page(address)
    assert "The police asked for it" in page
    assert "Ailsa Rowan" not in page
    assert "link-inspector-fife" not in page


async def test_a_deadlines_history_names_who_declared_the_regime_that_moved_it(
    staffed: Office,
) -> None:
    address = await extended(staffed)
    await declared(staffed)
    told = (await staffed.page(address)).split('id="history"')[1]
    assert "· Elspeth Yarrow</p>" in told
    assert f'{COVID["reason"]} <span class="console_muted">Agreed by: ' in told


async def test_a_cases_acts_name_whoever_did_them(
    tmp_path: Path, fresh_database: FreshDatabase
) -> None:
    async with open_office(tmp_path, fresh_database, "intake", "directory") as office:
        await office.browser.sign_in("support-officer")
        case = f"/cases/{await office.notify(DEATH)}"
        done = await office.send(f"{case}/close", f"{case}/close", reason="All is in")
        assert done.status_code == 303, done.text
        assert "· Angus Larch · All is in</p>" in await office.page(case)


async def test_a_message_that_was_given_up_names_the_operator_to_an_auditor(
    staffed: Office,
) -> None:
    address = await given_up(staffed)
    assert ", by operator</span>" in await staffed.page(address)
    await staffed.change_person("auditor")
    assert ", by Niall Gorse</span>" in await staffed.page(address)


class Directory:
    """Answers like the client of the services, and keeps what it was asked."""

    def __init__(self, answer: dict[str, Any] | ScrutinyError) -> None:
        self.asked: list[Any] = []
        self._answer = answer

    async def get(self, _service: str, _path: str, _token: str, asked: Any) -> Any:
        """One page of people, or a refusal."""
        self.asked.append(asked)
        if isinstance(self._answer, ScrutinyError):
            raise self._answer
        return self._answer


async def test_the_directory_is_asked_once_for_everybody_on_a_page() -> None:
    directory: Any = Directory({"items": [{"signs_in_as": "b", "name": "Una Harebell"}]})
    assert await names_of(directory, "", ["b", None, "a", "b", "seed"]) == {"b": "Una Harebell"}
    assert directory.asked == [[("limit", "100"), ("signs_in_as", "a"), ("signs_in_as", "b")]]


async def test_the_directory_is_not_asked_about_nobody() -> None:
    directory: Any = Directory(Unavailable("away"))
    assert await names_of(directory, "", [None, "seed"]) == {}
    assert directory.asked == []


@pytest.mark.parametrize("refusal", [Unavailable("away"), NotAllowed("not yours")])
async def test_without_an_answer_nobody_is_named(refusal: ScrutinyError) -> None:
    directory: Any = Directory(refusal)
    assert await names_of(directory, "", ["a"]) == {}


async def test_of_very_many_accounts_only_so_many_are_asked_for() -> None:
    directory: Any = Directory({"items": []})
    await names_of(directory, "", map(str, range(1000)))
    assert len(directory.asked[0]) == 101
