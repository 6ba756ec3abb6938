"""Acts on a case from its page: dates put right, ratified, withdrawn, closed and reopened."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.console.domain.corrections import corrected
from services.deadlines.use_cases.correct_date import correct_date
from shared.clock import utc_now
from shared.events.intake import DateCorrected
from tests.conftest import FreshDatabase
from tests.console.console_kit import hidden_fields
from tests.console.office import FIFE, Office, open_office
from tests.deadlines.builders import CASE, LAC, RULEBOOK, started

DIED = datetime(2026, 10, 5, 22, 30, tzinfo=UTC)
RIGHT = datetime(2026, 10, 3, 21, tzinfo=UTC)
WHY = "It was read off the wrong line"
DEATH = {
    "kind": LAC,
    "area": FIFE,
    "occurred_at": DIED.isoformat(),
    "aware_at": "2026-10-06T08:30:00Z",
    "notifier": {
        "organisation": "Fife Council",
        "name": "Sample Notifier",
        "role": "Service manager",
        "email": "notifier@example.org",
    },
    "subject": {"name": "Sample Child", "date_of_birth": "2012-05-06"},
    "details": {"legal_basis": "compulsory supervision order", "residing_at_death": "foster care"},
}
REVIEW = DEATH | {"kind": "learning-review-adult", "details": {"reason": "A death"}}


@pytest.fixture
async def desk(tmp_path: Path, fresh_database: FreshDatabase) -> AsyncIterator[Office]:
    """A support officer in front of intake and deadlines."""
    async with open_office(tmp_path, fresh_database, "intake") as found:
        await found.browser.sign_in("support-officer")
        yield found


async def case_of(desk: Office, body: dict[str, Any] = DEATH) -> str:
    """The page of a case that was notified."""
    return f"/cases/{await desk.notify(body)}"


async def test_a_date_is_put_right_and_what_moved_is_shown_before_and_after(desk: Office) -> None:
    reference = await desk.notify(DEATH)
    case, form = f"/cases/{reference}", f"/cases/{reference}/correct"
    said = {"field": "occurred_at", "value": "2026-10-03T22:00", "reason": WHY}
    given = {"occurred_at": DIED, "aware_at": DIED, "received_at": DIED}
    await started(desk.transactions, DIED, CASE, reference=reference, **given)
    seen = await desk.send(form, form, **said)
    assert "2 days earlier" in seen.text
    assert "49 hours 30 minutes earlier" in seen.text
    assert "Dates that were put right" not in await desk.page(case)
    carried = hidden_fields(seen.text)
    back = await desk.browser.client.post(form, data=carried | {"do": "edit"})
    assert WHY in back.text
    done = await desk.browser.client.post(form, data=carried | {"do": "correct"})
    assert done.status_code == 303, done.text
    page = await desk.page(done.headers["location"])
    assert "5 October 2026, 11.30pm" in page
    assert "3 October 2026, 10.00pm" in page
    assert "They are being counted anew" in page
    event = DateCorrected(
        reference=reference,
        kind=LAC,
        area=FIFE,
        field="occurred_at",
        before=DIED,
        after=RIGHT,
        corrected_at=utc_now(),
    )
    async with desk.transactions.begin() as tx:
        await correct_date(tx, RULEBOOK, CASE, event, utc_now())
    page = await desk.page(done.headers["location"])
    assert "By the end of 2 November 2026" in page
    assert "By the end of 31 October 2026" in page
    assert "2 days earlier" in page
    assert "49 hours 30 minutes earlier" in page
    assert WHY in await desk.page(case)


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"field": ""}, "field", "Choose the date that is wrong."),
        ({"value": ""}, "value", "Write the date and the time"),
        ({"value": "2026-03-29T01:30"}, "value", "the clocks went forward"),
        ({"reason": " "}, "reason", "Say why the date was wrong."),
        ({"value": "2026-10-05T23:30"}, "value", "That is what it says already."),
        ({"value": "2126-10-05T23:30"}, "value", "That lies in the future."),
        ({"value": "2026-10-08T09:00"}, "value", "after the service became aware"),
        ({"field": "ratified_at"}, "field", "was never given"),
    ],
)
async def test_what_is_wrong_with_a_correction_is_told_at_its_field(
    desk: Office, fields: dict[str, str], field: str, told: str
) -> None:
    form = f"{await case_of(desk)}/correct"
    sound = {"field": "occurred_at", "value": "2026-10-03T22:00", "reason": WHY}
    said = await desk.send(form, form, do="correct", **(sound | fields))
    assert said.status_code == 422
    shown = said.text.split(f'id="{field}-error"', 1)[1]
    assert told in shown.split("</p>", 1)[0]
    assert f'value="{(sound | fields)["value"]}"' in said.text


async def test_a_date_can_be_put_right_while_deadlines_knows_nothing_of_the_case(
    desk: Office,
) -> None:
    form = f"{await case_of(desk)}/correct"
    said = {"field": "occurred_at", "value": "2026-10-03T22:00", "reason": WHY}
    seen = await desk.send(form, form, **said)
    assert "This cannot be shown now" in seen.text
    carried = hidden_fields(seen.text)
    done = await desk.browser.client.post(form, data=carried | {"do": "correct"})
    assert done.status_code == 303, done.text


async def test_a_correction_without_a_date_or_reason_goes_no_further(desk: Office) -> None:
    form = f"{await case_of(desk)}/correct"
    said = await desk.send(form, form, do="try", field="", value="", reason="")
    assert said.status_code == 422
    for field in ("field", "value", "reason"):
        assert f'id="{field}-error"' in said.text
    said = await desk.send(form, form, field="ratified_at", value="2026-10-07T09:00", reason=WHY)
    assert "Choose the date that is wrong." in said.text


async def test_whoever_read_an_older_version_of_the_case_is_told_so(desk: Office) -> None:
    case = await case_of(desk)
    stale = await desk.browser.form_fields(f"{case}/close")
    await desk.send(f"{case}/correct", f"{case}/correct", do="correct", field="aware_at",
                    value="2026-10-06T10:00", reason=WHY)  # fmt: skip
    said = await desk.browser.client.post(f"{case}/close", data=stale | {"reason": "All is in"})
    assert said.status_code == 422
    assert "It was changed meanwhile." in said.text
    assert "All is in" in said.text


async def test_a_case_is_closed_and_reopened(desk: Office) -> None:
    case = await case_of(desk)
    assert (await desk.send(f"{case}/close", f"{case}/close", reason="")).status_code == 422
    done = await desk.send(f"{case}/close", f"{case}/close", reason="All is in")
    assert done.headers["location"] == case
    page = await desk.page(case)
    assert "Closed</span>" in page
    assert "Reopen the case" in page
    assert "Put a date right" not in page
    assert "The case is closed. Reopen it" in await desk.page(f"{case}/correct")
    hidden = await desk.browser.form_fields(f"{case}/reopen")
    late = await desk.browser.client.post(f"{case}/withdraw", data=hidden | {"reason": WHY})
    assert late.status_code == 422
    assert "The case is closed: reopen it" in late.text
    done = await desk.send(f"{case}/reopen", f"{case}/reopen", reason="A report is to come")
    assert done.status_code == 303
    page = await desk.page(case)
    assert "Close the case" in page
    told = page.split("What was done to the case</h2>")[1].split("</ul>")[0]
    assert told.index("All is in") < told.index("A report is to come")
    assert told.index("Closed</strong>") < told.index("Reopened</strong>")


async def test_a_notification_is_withdrawn(desk: Office) -> None:
    case = await case_of(desk)
    done = await desk.send(f"{case}/withdraw", f"{case}/withdraw", reason="Not looked after")
    assert done.status_code == 303
    assert "Withdrawn</span>" in await desk.page(case)


async def test_a_review_is_ratified_once_and_its_date_can_then_be_put_right(desk: Office) -> None:
    form = f"{await case_of(desk, REVIEW)}/ratify"
    early = await desk.send(form, form, at="2026-10-01T09:00")
    assert "It cannot have been ratified before it happened." in early.text
    hidden = await desk.browser.form_fields(form)
    done = await desk.browser.client.post(form, data=hidden | {"at": "2026-10-20T09:00"})
    assert done.status_code == 303, done.text
    again = await desk.browser.client.post(form, data=hidden | {"key": "another", "at": ""})
    assert "It was changed meanwhile." in again.text
    assert "The ratification is recorded already." in await desk.page(form)
    assert "20 October 2026, 9.00am" in await desk.page(form.replace("ratify", "correct"))


async def test_only_reviews_of_some_kinds_are_ratified(desk: Office) -> None:
    case = await case_of(desk)
    assert "Record the ratification" not in await desk.page(case)
    assert "does not ratify cases of this kind" in await desk.page(f"{case}/ratify")


async def test_everybody_is_offered_what_they_may_do_and_nothing_else(desk: Office) -> None:
    case = await case_of(desk)
    offers = {
        "support-officer": {"correct", "withdraw", "close"},
        "fife-notifier": {"correct", "withdraw"},
        "link-inspector-fife": {"close"},
        "chief-inspector": {"correct", "close"},
        "auditor": set(),
    }
    for person, offered in offers.items():
        await desk.change_person(person)
        page = await desk.page(case)
        found = {act for act in ("correct", "ratify", "withdraw", "close", "reopen")
                 if f'href="{case}/{act}"' in page}  # fmt: skip
        assert found == offered, person
        for act in {"correct", "close"} - offered:
            await desk.page(f"{case}/{act}", 403)
    await desk.change_person("link-inspector-glasgow")
    await desk.page(f"{case}/close", 404)


async def offered(desk: Office, form: str) -> set[str]:
    """The dates that the form lets somebody choose."""
    return set(re.findall(r'name="field" value="([a-z_]+)', await desk.page(form)))


async def test_when_something_was_received_is_put_right_by_the_office_alone(desk: Office) -> None:
    form = f"{await case_of(desk)}/correct"
    assert await offered(desk, form) == {"occurred_at", "aware_at", "received_at"}
    await desk.change_person("fife-notifier")
    assert await offered(desk, form) == {"occurred_at", "aware_at"}
    came = {"field": "received_at", "value": "2026-10-06T10:00", "reason": WHY}
    seen = await desk.send(form, form, **came)
    assert (seen.status_code, "Choose the date that is wrong." in seen.text) == (422, True)
    assert (await desk.send(form, form, do="correct", **came)).status_code == 403
    await desk.change_person("chief-inspector")
    assert await offered(desk, form) == {"received_at"}
    early = await desk.send(form, form, do="correct", **(came | {"value": "2026-10-05T23:00"}))
    assert "That is before it happened" in early.text
    done = await desk.send(form, form, do="correct", **came)
    assert done.status_code == 303, done.text
    page = await desk.page(done.headers["location"])
    assert "When the notification was received" in page
    assert "6 October 2026, 10.00am" in page


async def test_a_notification_that_was_telephoned_first_would_have_been_in_time(
    desk: Office,
) -> None:
    reference = await desk.notify(DEATH)
    form = f"/cases/{reference}/correct"
    keyed = DIED + timedelta(hours=30)
    given = {"occurred_at": DIED, "aware_at": DIED, "received_at": keyed}
    await started(desk.transactions, keyed, CASE, reference=reference, **given)
    came = {"field": "received_at", "value": "2026-10-06T10:00", "reason": WHY}
    seen = await desk.send(form, form, **came)
    assert "Met, before met late" in seen.text


async def test_each_report_is_put_right_by_itself(desk: Office) -> None:
    reference = await desk.notify(DEATH)
    form = f"/cases/{reference}/correct"
    submission = await desk.hand_in(reference)
    field = f"submitted_at.{submission}"
    assert f'value="{field}"' in await desk.page(form)
    came = {"field": field, "value": "2026-10-20T09:00", "reason": WHY}
    seen = await desk.send(form, form, **came)
    assert "When it was handed in: report" in seen.text
    carried = hidden_fields(seen.text)
    done = await desk.browser.client.post(form, data=carried | {"do": "correct"})
    assert done.status_code == 303, done.text
    assert "20 October 2026, 9.00am" in await desk.page(done.headers["location"])


async def test_a_correction_that_never_was_is_not_found(desk: Office) -> None:
    await desk.page(f"{await case_of(desk)}/corrections/none", 404)


def test_a_correction_that_moved_nothing_says_so_once_clocks_have_had_time() -> None:
    now = utc_now()
    act = {"field": "aware_at", "before": None, "after": DIED.isoformat(), "reason": WHY}
    for seconds, waiting in ((5, True), (90, False)):
        made = act | {"recorded_at": (now - timedelta(seconds=seconds)).isoformat()}
        found = corrected(made, [({"id": "c"}, [])], now)
        assert (found.moves, found.waiting) == ([], waiting)
