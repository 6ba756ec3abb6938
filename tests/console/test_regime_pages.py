"""Emergency regimes in the console: looked ahead, declared, ended, withdrawn, and their history."""

from datetime import date, timedelta

import httpx
import pytest

from services.console.domain.regime_form import offers, read_regime
from services.console.domain.regime_view import HOLDS, OVER, TO_COME, WITHDRAWN, in_order
from services.deadlines.entrypoints.regime_carrier import RegimeCarrier
from services.deadlines.use_cases import reach_of_regime
from shared.clock import utc_now
from shared.errors import FieldError, Invalid
from tests.console.console_kit import hidden_fields
from tests.console.office import Office
from tests.deadlines.builders import REFERENCE, RULEBOOK, started

DECLARE = "/regimes/declare"
TODAY = date(2026, 3, 1)
COVID = {
    "name": "Covid-19",
    "kind_death-looked-after-child": "yes",
    "area_S12000047": "yes",
    "from": str(utc_now().date() - timedelta(days=10)),
    "until": str(utc_now().date() + timedelta(days=60)),
    "amount_report": "14",
    "amount_notify": "",
    "reason": "Offices were closed by law",
    "agreed_by": "Scottish Ministers",
}


async def a_case(office: Office) -> None:
    """A death of five days ago, whose report is due in three weeks."""
    died = utc_now() - timedelta(days=5)
    await started(office.transactions, died, occurred_at=died, aware_at=died, received_at=died)


async def cases(office: Office, number: int) -> None:
    """So many of them."""
    died = utc_now() - timedelta(days=5)
    dates = dict.fromkeys(("occurred_at", "aware_at", "received_at"), died)
    for one in range(number):
        told = {"case": f"case-{one}", "reference": f"SN-{one}"}
        await started(office.transactions, died, **dates, **told)


async def declared(office: Office) -> str:
    """The address of a regime that was declared."""
    await office.browser.sign_in("chief-inspector")
    done = await office.send(DECLARE, DECLARE, do="declare", **COVID)
    assert done.status_code == 303, done.text
    return done.headers["location"]


async def confirmed(office: Office, form: str, do: str, **entered: str) -> httpx.Response:
    """What was entered is looked at, and then done."""
    seen = await office.send(form, form, do="try", **entered)
    assert seen.status_code == 200, seen.text
    return await office.browser.client.post(form, data=hidden_fields(seen.text) | {"do": do})


async def test_nothing_is_declared_before_its_effect_was_seen(office: Office) -> None:
    await a_case(office)
    await office.browser.sign_in("chief-inspector")
    seen = await office.send(DECLARE, DECLARE, do="try", **COVID)
    assert seen.status_code == 200, seen.text
    assert "1 clock of 1 case would change." in seen.text
    assert "<strong>14 days later</strong> 1 clock" in seen.text
    assert REFERENCE in seen.text
    assert "None has been declared." in await office.page("/regimes")


async def test_what_was_entered_is_carried_from_the_preview_to_the_act(office: Office) -> None:
    await a_case(office)
    await office.browser.sign_in("chief-inspector")
    seen = await office.send(DECLARE, DECLARE, do="try", **COVID)
    carried = hidden_fields(seen.text)
    back = await office.browser.client.post(DECLARE, data=carried | {"do": "edit"})
    assert 'value="Covid-19"' in back.text
    assert 'name="area_S12000047" value="yes" checked' in back.text
    done = await office.browser.client.post(DECLARE, data=carried | {"do": "declare"})
    again = await office.browser.client.post(DECLARE, data=carried | {"do": "declare"})
    assert done.headers["location"] == again.headers["location"]
    page = await office.page(done.headers["location"])
    assert "Declared</strong>. 1 clock changed." in page
    assert "Death looked after child" in page
    assert "Report: 14 more" in page
    assert "Holds now" in await office.page("/regimes")


async def test_everything_wrong_is_told_at_its_field_with_what_was_entered(office: Office) -> None:
    await office.browser.sign_in("chief-inspector")
    wrong = COVID | {"name": "", "from": "soon", "amount_report": "many", "reason": " "}
    said = await office.send(DECLARE, DECLARE, do="try", **wrong)
    assert said.status_code == 422
    for field in ("name", "from", "amount_report", "reason"):
        assert f'id="{field}-error"' in said.text
    assert 'value="many"' in said.text
    refused = COVID | {"until": COVID["from"], "reason": "Because"}
    said = await office.send(DECLARE, DECLARE, do="declare", **refused)
    assert "It must end after its first day." in said.text
    assert "Say why, in three words or more." in said.text


async def test_a_regime_is_given_an_end_with_a_reason(office: Office) -> None:
    await a_case(office)
    address = await declared(office)
    empty = await office.send(f"{address}/end", f"{address}/end", do="try", until="", reason="")
    assert empty.status_code == 422
    assert "Say which day it ends on." in empty.text
    early = {"until": COVID["from"], "reason": "It is over now"}
    refused = await office.send(f"{address}/end", f"{address}/end", do="try", **early)
    assert "to undo it, withdraw it" in refused.text
    until = str(utc_now().date() - timedelta(days=8))
    said = {"until": until, "reason": "It is over now"}
    seen = await office.send(f"{address}/end", f"{address}/end", do="try", **said)
    assert "1 clock of 1 case would change." in seen.text
    assert "<strong>14 days earlier</strong> 1 clock" in seen.text
    assert "Given an end" not in await office.page(address)
    carried = hidden_fields(seen.text)
    back = await office.browser.client.post(f"{address}/end", data=carried | {"do": "edit"})
    assert f'value="{until}"' in back.text
    assert "It is over now" in back.text
    done = await office.browser.client.post(f"{address}/end", data=carried | {"do": "end"})
    assert done.headers["location"] == f"{address}#history"
    page = await office.page(address)
    assert "Given an end</strong>: until the start of" in page
    assert "It is over now" in page
    assert "Over</span>" in page


async def test_a_regime_is_withdrawn_once_and_by_whoever_has_seen_it_last(office: Office) -> None:
    address = await declared(office)
    form = f"{address}/withdraw"
    said = {"reason": "It was a mistake"}
    stale = await office.send(form, form, do="try", **said)
    assert "No clock that runs now would change." in stale.text
    until = str(utc_now().date() + timedelta(days=9))
    await confirmed(office, f"{address}/end", "end", until=until, reason="It is over soon")
    refused = await office.browser.client.post(
        form, data=hidden_fields(stale.text) | {"do": "withdraw"}
    )
    assert refused.status_code == 422
    assert "It was changed meanwhile." in refused.text
    assert "It was a mistake" in refused.text
    assert (await office.send(form, form, do="try", reason="")).status_code == 422
    assert (await confirmed(office, form, "withdraw", **said)).status_code == 303
    page = await office.page(address)
    assert "Withdrawn</strong>" in page
    assert f"{address}/withdraw" not in page
    again = await office.send(form, form, do="try", **said)
    assert "The regime was withdrawn already." in again.text


async def test_of_very_many_cases_it_is_said_that_not_all_were_counted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach_of_regime, "BATCH", 1)
    monkeypatch.setattr(reach_of_regime, "AT_ONCE", 1)
    await cases(office, 3)
    await office.browser.sign_in("chief-inspector")
    seen = await office.send(DECLARE, DECLARE, do="try", **COVID)
    assert "1 clock of 1 case would change, of those that were counted." in seen.text
    assert "It concerns 3 cases. Only 1 of these could be counted here" in seen.text


async def test_cases_that_were_left_are_told_of_in_plain_words(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach_of_regime, "BATCH", 1)
    monkeypatch.setattr(reach_of_regime, "AT_ONCE", 1)
    await cases(office, 3)
    address = await declared(office)
    await RegimeCarrier(office.transactions, RULEBOOK, utc_now).carry_through()
    page = await office.page(address)
    assert "in the background" in page
    assert "Carried on to all cases that were left</strong>. 2 clocks changed." in page


async def test_a_clock_that_would_be_missed_if_late_is_said_to_be(office: Office) -> None:
    await a_case(office)
    await office.browser.sign_in("chief-inspector")
    seen = await office.send(DECLARE, DECLARE, do="try", **COVID)
    assert "If late: discussed, not missed" in seen.text
    address = await declared(office)
    form = f"{address}/withdraw"
    undone = await office.send(form, form, do="try", reason="It was a mistake")
    assert "If late: missed, no longer discussed" in undone.text


async def test_others_read_regimes_and_declare_none(office: Office) -> None:
    address = await declared(office)
    office.browser.client.cookies.clear()
    await office.browser.sign_in("fife-notifier")
    page = await office.page(address)
    assert "Offices were closed by law" in page
    assert "<form" not in page.split("<main", 1)[1]
    assert DECLARE not in await office.page("/regimes")
    await office.page(DECLARE, 403)
    await office.page(f"{address}/end", 403)
    await office.page("/regimes/none", 404)


def regime(
    starts: str, until: str | None = None, withdrawn: str | None = None
) -> dict[str, object]:
    return {"from": starts, "until": until, "withdrawn_at": withdrawn, "version": 1}


def test_what_holds_comes_first_and_what_was_withdrawn_last() -> None:
    found = in_order(
        [
            regime("2026-01-01", withdrawn="2026-01-02T09:00:00Z"),
            regime("2026-01-01", "2026-03-01"),
            regime("2026-03-02"),
            regime("2026-02-01", "2026-03-02"),
            regime("2026-03-01"),
        ],
        TODAY,
    )
    assert [view.standing for view in found] == [HOLDS, HOLDS, TO_COME, OVER, WITHDRAWN]
    assert [view.regime["from"] for view in found[:2]] == ["2026-03-01", "2026-02-01"]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("extensions[0].amount", "amount_report"),
        ("kinds[0]", "kinds"),
        ("areas", "areas"),
        ("until", "until"),
        ("anything", "reason"),
    ],
)
def test_what_deadlines_refuses_is_told_where_it_was_entered(field: str, told: str) -> None:
    asked = read_regime(COVID)
    (error,) = asked.refused(Invalid(FieldError(field, "must be between 1 and 10000"))).errors
    assert error == FieldError(told, "This must be between 1 and 10000.")


def test_only_what_has_a_number_can_be_given_more_time() -> None:
    rules = [
        {"obligation": "notify", "amount": 24, "unit": "hours"},
        {"obligation": "notify", "amount": 5, "unit": "working_days"},
        {"obligation": "decision", "amount": None, "unit": "none"},
    ]
    assert offers(rules) == {"notify": "hours or working days"}
