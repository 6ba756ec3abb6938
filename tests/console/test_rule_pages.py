"""The rules in the console, in two versions; and a case that is moved from one to the other."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.console.domain.rule_view import duties_by_kind, view_of_rule
from services.deadlines import app as deadlines_app
from tests.conftest import FreshDatabase
from tests.console.console_kit import hidden_fields
from tests.console.office import Office, open_office
from tests.console.test_case_acts import DEATH, DIED
from tests.deadlines.acting_kit import REPORT, extended
from tests.deadlines.builders import CASE, started
from tests.deadlines.test_rule_versions import book, second_version, stage

GONE, ADDED = "lac-notify-one-working-day", "lac-plan"
SAID = {"version": "2", "reason": "The guidance was revised", "agreed_by": "Chief inspector"}


@pytest.fixture
async def newer(
    tmp_path: Path, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    """A chief inspector where a second version changed one rule, dropped one and added one."""
    plan = stage(ADDED, "plan", amount="5", unit="calendar_days")
    plan |= {"kind": "death-looked-after-child"}
    changed = {REPORT: {"amount": "30"}, GONE: {"id": ""}}
    sets = second_version(tmp_path / "rules", changed, [plan])
    monkeypatch.setattr(deadlines_app, "load_rulebook", lambda: book(sets))
    async with open_office(tmp_path, fresh_database, "intake") as found:
        await found.browser.sign_in("chief-inspector")
        yield found


async def rebasing(office: Office) -> str:
    """The page that moves a case which began under the first version."""
    reference = await office.notify(DEATH)
    given = {"occurred_at": DIED, "aware_at": DIED, "received_at": DIED}
    await started(office.transactions, DIED, CASE, reference=reference, **given)
    return f"/cases/{reference}/rebase"


async def test_rules_are_shown_with_their_sources_gaps_and_conflicts(office: Office) -> None:
    await office.browser.sign_in("operator")
    page = await office.page("/rules")
    assert "Version 1, shown here: 24 rules; in force" in page
    assert page.count("Wordings conflict") == 4
    assert 'href="https://www.legislation.gov.uk/ssi/2009/210/part/III/made"' in page
    assert "Its address is not known" in page
    assert "Since when is not known" in page
    assert "From when it counts is not known" in page
    assert "until the start of 1 September 2021: superseded by the learning review" in page


async def test_one_rule_is_shown_in_full(office: Office) -> None:
    await office.browser.sign_in("fife-notifier")
    page = await office.page("/rules/lac-notify-one-working-day")
    assert "Notification: 1 working day" in page
    assert "No official definition of a working day was found for this duty." in page
    assert "/rules/lac-notify-24h?version=1" in page
    assert "An inspector may give 5 more at the most" in page
    assert "Ended by the decision" in await office.page("/rules/lac-report-28d?version=1")
    await office.page("/rules/none", 404)
    await office.page("/rules/lac-report-28d?version=9", 404)
    assert "must be one of: 1" in await office.page("/rules?version=9", 422)


async def test_versions_are_listed_and_compared(newer: Office) -> None:
    page = await newer.page("/rules")
    assert "Version 2, shown here" in page
    assert 'href="/rules/changes?from=1&amp;to=2"' in page
    assert "Version 1, shown here" in await newer.page("/rules?version=1")
    page = await newer.page("/rules/changes?from=1&to=2")
    assert re.search(r"How many</strong></td><td[^>]*><span>\s*28\s*</span></td>", page)
    assert f'/rules/{ADDED}?version=2"' in page
    assert f'/rules/{GONE}?version=1"' in page
    assert "Both say the same." in await newer.page("/rules/changes?from=2&to=2")
    await newer.page("/rules/changes?from=1&to=9", 422)
    assert (await newer.browser.client.get("/rules/changes?from=1")).status_code == 303


async def test_a_case_is_moved_to_another_version_once_it_was_seen_what_changes(
    newer: Office,
) -> None:
    form = await rebasing(newer)
    assert "version 1</a>. A newer version" in await newer.page(form)
    seen = await newer.send(form, form, do="try", **SAID)
    assert seen.status_code == 200, seen.text
    assert "2 days later" in seen.text
    assert "A new clock" in seen.text
    assert "Clocks it would no longer have" in seen.text
    assert ADDED in seen.text
    carried = hidden_fields(seen.text)
    back = await newer.browser.client.post(form, data=carried | {"do": "edit"})
    assert "The guidance was revised" in back.text
    done = await newer.browser.client.post(form, data=carried | {"do": "rebase"})
    assert done.status_code == 303, done.text
    assert "lac-report-28d, version 2" in await newer.page(done.headers["location"])
    assert "version 2</a>. A" in await newer.page(form)


async def test_what_is_wrong_is_told_at_its_field(newer: Office) -> None:
    form = await rebasing(newer)
    empty = await newer.send(form, form, do="try", version="", reason="", agreed_by="")
    assert empty.status_code == 422
    for field in ("version", "reason", "agreed_by"):
        assert f'id="{field}-error"' in empty.text
    same = await newer.send(form, form, do="try", **(SAID | {"version": "1"}))
    assert "counts by version 1 already" in same.text
    short = SAID | {"reason": "So"}
    seen = await newer.send(form, form, do="try", **short)
    said = await newer.browser.client.post(form, data=hidden_fields(seen.text) | {"do": "rebase"})
    assert "Say why, in three words or more." in said.text


async def test_a_case_that_changed_since_it_was_looked_at_is_not_moved(newer: Office) -> None:
    form = await rebasing(newer)
    seen = await newer.send(form, form, do="try", **SAID)
    await extended(newer.transactions, 3)
    said = await newer.browser.client.post(form, data=hidden_fields(seen.text) | {"do": "rebase"})
    assert said.status_code == 422
    assert "It was changed meanwhile." in said.text
    assert "version 1</a>. A" in await newer.page(form)


async def test_where_there_is_one_version_nothing_can_be_chosen(office: Office) -> None:
    await started(office.transactions)
    await office.browser.sign_in("chief-inspector")
    page = await office.page("/cases/SN-2026-000001/rebase")
    assert "There is no other version of the rules." in page
    await office.page("/cases/none/rebase", 404)
    await office.change_person("link-inspector-fife")
    await office.page("/cases/SN-2026-000001/rebase", 403)


def rule(**given: Any) -> dict[str, Any]:
    usual = {"id": "r", "kind": "k", "obligation": "notify", "amount": 1, "unit": "hours"}
    more = {"anchor": "occurred_at", "governing": False, "certainty": "read"}
    return usual | more | given


def test_the_governing_wording_comes_first_and_others_may_conflict() -> None:
    found = duties_by_kind(
        [rule(), rule(id="g", amount=24, governing=True), rule(obligation="report")]
    )
    notify, report = found["k"]
    assert [one.rule["id"] for one in notify.wordings] == ["g", "r"]
    assert (notify.conflict, report.conflict) == (True, False)


@pytest.mark.parametrize(
    ("given", "allows", "counts_from"),
    [
        ({}, "1 hour", "When it happened"),
        ({"amount": 5, "unit": "working_days"}, "5 working days", "When it happened"),
        ({"amount": None, "unit": "none"}, "No number of hours or days", "When it happened"),
        ({"amount": None, "unit": "local"}, "Set by each area", "When it happened"),
        ({"anchor": "completed:first-report"}, "1 hour", "When the first report was received"),
    ],
)
def test_a_wording_is_said_in_words(given: dict[str, Any], allows: str, counts_from: str) -> None:
    found = view_of_rule(rule(**given))
    assert (found.allows, found.counts_from) == (allows, counts_from)


def test_what_it_counts_from_is_said_to_be_assumed_where_no_source_says_it() -> None:
    assert "not known" in view_of_rule(rule(certainty="anchor-not-found")).sure
