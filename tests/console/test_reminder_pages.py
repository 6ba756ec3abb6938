"""How mails about deadlines reach people: chosen by themselves, or by the office for them."""

import re
from pathlib import Path

import pytest

from services.console.domain.own_posts import link_inspectors, own_load
from services.directory.sample import ACCOUNTS
from tests.conftest import FreshDatabase
from tests.console.office import Office, open_office


async def own_page(office: Office) -> str:
    """The address of one's own choice."""
    answer = await office.browser.client.get("/reminders")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def chosen(page: str) -> str:
    """What is ticked."""
    (found,) = re.findall(r'name="delivery" value="(\w+)" checked', page)
    return found


async def test_a_link_inspector_chooses_one_mail_a_day(staffed: Office) -> None:
    await staffed.browser.sign_in("link-inspector-fife")
    own = await own_page(staffed)
    page = await staffed.page(own)
    assert "How mails reach you" in page
    assert chosen(page) == "each"
    done = await staffed.send(own, own, delivery="daily")
    assert done.status_code == 303, done.text
    page = await staffed.page(done.headers["location"])
    assert "One mail a day, from now on." in page
    assert chosen(page) == "daily"
    assert "Saved" not in await staffed.page(own)


async def test_nothing_chosen_and_a_choice_that_changed_meanwhile_are_told(
    staffed: Office,
) -> None:
    await staffed.browser.sign_in("link-inspector-fife")
    own = await own_page(staffed)
    said = await staffed.send(own, own, delivery="never")
    assert said.status_code == 422
    assert "Choose how the mails are to come." in said.text
    stale = await staffed.browser.form_fields(own)
    await staffed.send(own, own, delivery="daily")
    said = await staffed.browser.client.post(own, data=stale | {"delivery": "each"})
    assert "It was changed meanwhile." in said.text


async def test_the_office_chooses_for_every_link_inspector(staffed: Office) -> None:
    await staffed.browser.sign_in("support-officer")
    page = await staffed.page("/reminders")
    found = re.search(r'href="(/reminders/[\w-]+)">Ailsa Rowan<', page)
    assert found is not None
    assert "How mails reach Ailsa Rowan" in await staffed.page(found[1])
    assert (await staffed.send(found[1], found[1], delivery="daily")).status_code == 303
    assert chosen(await staffed.page(found[1])) == "daily"
    await staffed.page("/reminders/nobody", 404)


async def test_nobody_chooses_for_others(staffed: Office) -> None:
    await staffed.browser.sign_in("link-inspector-fife")
    own = await own_page(staffed)
    await staffed.change_person("link-inspector-glasgow")
    await staffed.page(own, 404)
    for person in ("fife-notifier", "operator", "auditor"):
        await staffed.change_person(person)
        await staffed.page("/reminders", 403)


async def test_a_directory_that_is_away_is_said_to_be(office: Office) -> None:
    await office.browser.sign_in("link-inspector-fife")
    assert "Something we depend on is not answering" in await office.page("/reminders", 503)


async def test_who_is_known_by_name_alone_is_told_which_account_the_directory_lacks(
    tmp_path: Path, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ACCOUNTS, "Ailsa Rowan")
    async with open_office(tmp_path, fresh_database, "directory") as staffed:
        await staffed.browser.sign_in("link-inspector-fife")
        page = await staffed.page("/reminders")
        assert "ask a support officer to enter your account there" in page
        assert ">link-inspector-fife</span>" in page
        assert "Mine: where I am link inspector today" not in await staffed.page("/deadlines")


def load(
    person: str, name: str, role: str = "link-inspector", **given: object
) -> dict[str, object]:
    posts = [{"area": "S12000047", "role": role}]
    return {"person": person, "name": name, "signs_in_as": None, "posts": posts} | given


def test_a_person_is_found_by_the_account_they_sign_in_with_and_by_nothing_else() -> None:
    known = load("b", "Iona Willow", signs_in_as="auth0|iona")
    loads = [load("a", "Ailsa Rowan"), known]
    assert own_load(loads, "auth0|iona") == known
    assert own_load(loads, "a") is None
    assert own_load(loads, "Ailsa Rowan") is None


def test_only_link_inspectors_are_written_to_by_name() -> None:
    loads = [load("b", "Rory Sorrel"), load("a", "Ailsa Rowan"), load("c", "Una", "manager-elc")]
    assert [one["person"] for one in link_inspectors(loads)] == ["a", "b"]
