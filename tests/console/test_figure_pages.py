"""Statistics, calendars and calendar feeds in the console, with the deadlines service behind."""

import re
from io import BytesIO

import httpx
from icalendar import Calendar
from openpyxl import load_workbook

from services.console.domain.bars import bars
from tests.console.office import Office
from tests.deadlines.builders import started
from tests.deadlines.calendar_kit import csv_of

PERIOD = "from=2026-01-01&to=2026-04-01"


async def test_statistics_show_a_chart_and_the_same_as_a_table(office: Office) -> None:
    await started(office.transactions)
    await office.browser.sign_in("support-officer")
    page = await office.page(f"/statistics?by=area&{PERIOD}")
    assert '<svg class="console_chart__picture"' in page
    assert "Fife, In time: 1" in page
    assert re.search(r'<th scope="row">Fife</th><td class="console_number">1</td>', page)


async def test_a_period_that_cannot_be_says_so_beside_its_field(office: Office) -> None:
    await office.browser.sign_in("support-officer")
    page = await office.page("/statistics?from=2026-04-01&to=2026-01-01", 422)
    assert "There is a problem" in page
    assert "must be after from" in page


async def test_what_is_to_be_shared_withholds_small_numbers(office: Office) -> None:
    await started(office.transactions)
    await office.browser.sign_in("support-officer")
    found = await office.browser.client.get(f"/statistics/timeliness?format=xlsx&{PERIOD}")
    rows = list(load_workbook(BytesIO(found.content))["Table"].iter_rows(values_only=True))
    assert {row[0]: row[1] for row in rows}["Fife"] == "withheld"
    assert found.headers["content-disposition"].startswith("attachment")


async def test_somebody_of_one_area_is_offered_no_file_to_share(office: Office) -> None:
    await office.browser.sign_in("link-inspector-fife")
    page = await office.page("/statistics")
    assert "To share" not in page
    assert "For use inside only" in page
    assert "Aberdeen City</th>" not in page


async def test_operators_have_no_statistics_and_no_feeds(office: Office) -> None:
    await office.browser.sign_in("operator")
    await office.page("/statistics", 403)
    await office.page("/feeds", 403)
    assert "Scotland" in await office.page("/calendars")


async def test_a_change_of_a_calendar_is_tried_out_and_then_brought_into_force(
    office: Office,
) -> None:
    await office.browser.sign_in("support-officer")
    days = csv_of("2026-02-16")
    told = {"days": days, "mode": "changes", "reason": "The council published it."}
    path = "/calendars/S12000047"
    tried = await office.send(path, path, do="try", **told)
    assert tried.status_code == 200
    assert "0 open clocks would move" in tried.text
    assert "16 February 2026: A local holiday" in tried.text
    assert "No calendar of its own" in await office.page(path)
    done = await office.send(path, path, do="change", **told)
    assert done.status_code == 303
    page = await office.page(f"{path}?year=2026")
    assert "16 February 2026: A local holiday" in page
    assert "The council published it." in page


async def test_a_file_that_cannot_be_read_is_shown_again_with_its_lines(office: Office) -> None:
    await office.browser.sign_in("support-officer")
    path = "/calendars/scotland"
    said = await office.send(path, path, do="try", days="date,name\n2026-02-14,A\n", mode="changes")
    assert said.status_code == 422
    assert "csv.line-2.date" in said.text
    assert "2026-02-14,A" in said.text


async def test_who_changed_it_first_wins(office: Office) -> None:
    await office.browser.sign_in("support-officer")
    path = "/calendars/scotland"
    hidden = await office.browser.form_fields(path)
    told = {"mode": "changes", "reason": "The council published it.", "do": "change"}
    first = await office.browser.client.post(
        path, data=hidden | told | {"days": csv_of("2026-02-16")}
    )
    assert first.status_code == 303
    second = await office.browser.client.post(
        path, data=hidden | told | {"days": csv_of("2026-02-17")}
    )
    assert second.status_code == 412
    assert "2026-02-17" in second.text


async def test_who_may_not_change_a_calendar_sees_no_form(office: Office) -> None:
    await office.browser.sign_in("auditor")
    assert "Change it" not in await office.page("/calendars/scotland")
    hidden = await office.browser.form_fields("/feeds")
    answer = await office.browser.client.post("/calendars/scotland", data=hidden)
    assert answer.status_code == 403


async def test_a_feed_is_made_read_by_a_program_without_a_session_and_revoked(
    office: Office,
) -> None:
    await started(office.transactions)
    await office.browser.sign_in("link-inspector-fife")
    page = (await office.send("/feeds", "/feeds", name="Mine", scope="person", areas="")).text
    found = re.search(r"(/calendar-feeds/[\w-]+\.ics)", page)
    assert found is not None
    async with httpx.AsyncClient(base_url=office.browser.client.base_url) as program:
        answer = await program.get(found[1])
        assert answer.headers["content-type"].startswith("text/calendar")
        (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
        assert event["SUMMARY"] == "SN-2026-000001: the report is due"
        known = {"If-None-Match": answer.headers["etag"]}
        assert (await program.get(found[1], headers=known)).status_code == 304
        assert found[1] not in await office.page("/feeds")
        feed = re.search(r'action="(/feeds/[\w-]+/revoke)"', await office.page("/feeds"))
        assert feed is not None
        assert (await office.send(feed[1], "/feeds")).status_code == 303
        assert (await program.get(found[1])).status_code == 404


async def test_an_area_that_is_not_ones_own_makes_no_feed(office: Office) -> None:
    await office.browser.sign_in("link-inspector-fife")
    answer = await office.send("/feeds", "/feeds", name="Mine", scope="area", areas="S12000033")
    assert answer.status_code == 422
    assert "There is no such area" in answer.text


def test_bars_stand_one_behind_the_other_within_the_longest() -> None:
    columns = [{"id": name, "label": name} for name in ("a", "b", "total")]
    rows = [
        {"id": "x", "label": "X", "figures": {"a": 3, "b": 1, "total": 4}},
        {"id": "y", "label": "Y", "figures": {"a": 0, "b": 2, "total": 2}},
        {"id": "z", "label": "Z", "figures": {"a": 0, "b": 0, "total": 0}},
        {"id": "total", "label": "Total", "figures": {"a": 3, "b": 3, "total": 6}},
    ]
    found = bars({"columns": columns, "rows": rows})
    assert [(bar.label, bar.total, bar.said) for bar in found] == [
        ("X", 4, "X: a: 3, b: 1"),
        ("Y", 2, "Y: b: 2"),
    ]
    assert [(part.starts, part.length) for part in found[0].parts] == [(0, 0.75), (0.75, 0.25)]
    assert [(part.starts, part.length, part.number) for part in found[1].parts] == [(0, 0.5, 1)]
