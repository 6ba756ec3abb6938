"""Statistics over HTTP: what is counted, for whom, as which file, and what is withheld."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.deadlines.domain.silence import Finding, silences
from shared.access.principal import Role
from shared.areas import COUNCIL_AREAS
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.deadlines.builders import started, submitted
from tests.deadlines.official import FIFE

Json = dict[str, Any]

ABERDEEN = "S12000033"
SUPPORT = as_(Role.SUPPORT_OFFICER)
FIFE_INSPECTOR = as_(Role.STRATEGIC_INSPECTOR, areas=[FIFE])
QUARTER = "from=2026-01-01&to=2026-04-01"
DIED = datetime(2026, 2, 10, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)


async def died(
    transactions: Transactions,
    name: str,
    area: str = FIFE,
    received_after: int = 3,
    aware_after: int = 0,
) -> None:
    """A death that was notified so many hours after it."""
    received = DIED + timedelta(hours=received_after)
    await started(
        transactions, received, name, reference=f"SN-{name}", area=area,
        received_at=received, aware_at=DIED + timedelta(hours=aware_after),
    )  # fmt: skip


async def asked(
    client: httpx.AsyncClient, path: str, headers: dict[str, str] = SUPPORT
) -> httpx.Response:
    return await client.get(f"/statistics/{path}", headers=headers)


async def figures(
    client: httpx.AsyncClient, path: str, headers: dict[str, str] = SUPPORT
) -> dict[str, Json]:
    """The rows of a table by their id."""
    answer = await asked(client, path, headers)
    assert answer.status_code == 200, answer.text
    return {row["id"]: row["figures"] for row in answer.json()["rows"]}


async def test_late_is_told_apart_from_late_but_prompt_once_aware(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await died(transactions, "in-time", received_after=3)
    await died(transactions, "late", received_after=50)
    await died(transactions, "prompt", received_after=50, aware_after=40)
    found = (await figures(client, f"timeliness?by=area&{QUARTER}"))[FIFE]
    notified = {"in-time": 1, "late-prompt-once-aware": 1, "late": 1}
    # Their reports were due in March and never came.
    assert found == notified | {"late-under-regime": 0, "overdue": 3, "total": 6}


async def test_a_report_that_comes_is_no_longer_overdue(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await died(transactions, "one")
    await submitted(transactions, DIED + timedelta(days=20), case="one")
    found = await figures(client, f"timeliness?by=period&{QUARTER}")
    assert found["2026-02"]["in-time"] == 1
    assert found["2026-03"]["in-time"] == 1
    assert found["total"]["overdue"] == 0


@pytest.mark.parametrize("by", ["area", "kind", "period"])
async def test_totals_are_the_sums_of_what_they_total(
    client: httpx.AsyncClient, transactions: Transactions, by: str
) -> None:
    await died(transactions, "fife")
    await died(transactions, "aberdeen", ABERDEEN, received_after=30)
    found = await figures(client, f"timeliness?by={by}&{QUARTER}")
    total = found.pop("total")
    for column, figure in total.items():
        assert figure == sum(row[column] for row in found.values())
    assert total["total"] == 4


async def test_what_happened_elsewhere_is_not_counted_for_the_caller(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await died(transactions, "fife")
    await died(transactions, "aberdeen", ABERDEEN)
    found = await figures(client, f"timeliness?{QUARTER}", FIFE_INSPECTOR)
    assert set(found) == {FIFE, "total"}
    assert found["total"]["total"] == 2
    elsewhere = await figures(client, f"timeliness?{QUARTER}&area={ABERDEEN}", FIFE_INSPECTOR)
    assert elsewhere["total"]["total"] == 0


async def test_what_leaves_the_house_holds_no_small_number(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await died(transactions, "one")
    answer = await asked(client, f"timeliness?audience=outside&{QUARTER}")
    body = answer.json()
    assert body["withheld"] > 0
    shown = [figure for row in body["rows"] for figure in row["figures"].values()]
    assert not {1, 2, 3, 4} & set(shown)


async def test_a_csv_file_withholds_small_numbers_unless_it_is_asked_for_inside(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await died(transactions, "one")
    answer = await asked(client, f"timeliness?format=csv&{QUARTER}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "withheld" in answer.text
    answer = await asked(client, f"timeliness?format=csv&audience=inside&{QUARTER}")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["Area"]: row["Total"] for row in rows}["Fife"] == "2"
    assert "inside-only" in answer.headers["content-disposition"]


async def test_a_workbook_holds_the_same_figures(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await died(transactions, "one")
    answer = await asked(client, f"timeliness?format=xlsx&audience=inside&{QUARTER}")
    book = load_workbook(BytesIO(answer.content))
    rows = list(book["Table"].iter_rows(values_only=True))
    assert rows[0][0] == "Area"
    assert len(rows) == len(COUNCIL_AREAS) + 2
    assert {row[0]: row[-1] for row in rows}["Fife"] == 2
    assert "inside only" in str(book["About"]["A3"].value)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=colour", "by"),
        ("format=pdf", "format"),
        ("audience=everybody", "audience"),
        ("kind=party", "kind"),
        ("area=Fife", "area"),
        ("from=2026-04-01&to=2026-01-01", "to"),
        ("from=1926-04-01&to=2026-01-01", "from"),
        ("from=yesterday", "from"),
        (f"audience=outside&area={FIFE}", "audience"),
        ("audience=outside&from=2026-01-02&to=2026-04-01", "from"),
        ("audience=outside&from=2026-01-01&to=2026-03-01", "to"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_field(
    client: httpx.AsyncClient, query: str, field: str
) -> None:
    answer = await asked(client, f"timeliness?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_nobody_shares_a_table_of_areas_of_which_they_see_some(
    client: httpx.AsyncClient,
) -> None:
    answer = await asked(client, f"timeliness?format=csv&{QUARTER}", FIFE_INSPECTOR)
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["timeliness", "ages", "silence"])
async def test_operators_see_no_statistics(client: httpx.AsyncClient, path: str) -> None:
    assert (await asked(client, path, as_(Role.OPERATOR))).status_code == 403


async def test_what_runs_is_told_by_age(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await died(transactions, "old")
    found = await figures(client, "ages?by=kind")
    assert found["death-looked-after-child"]["overdue-91"] == 1
    assert found["total"]["total"] == 1
    assert (await asked(client, "ages?by=period")).status_code == 422


async def test_every_area_the_caller_sees_is_looked_at_for_silence(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await died(transactions, "one")
    areas = {one["area"]: one for one in (await asked(client, "silence")).json()["areas"]}
    assert list(areas) == list(COUNCIL_AREAS)
    assert areas[FIFE]["last_on"] == "2026-02-10"
    assert areas[ABERDEEN]["finding"] == "never"
    mine = (await asked(client, "silence", FIFE_INSPECTOR)).json()["areas"]
    assert [one["area"] for one in mine] == [FIFE]


def by_month(number: int, first: date, months: int) -> dict[date, int]:
    """So many every month."""
    found: dict[date, int] = {}
    for each in range(months):
        years, month = divmod(first.year * 12 + first.month - 1 + each, 12)
        found[date(years, month + 1, 1)] = number
    return found


def finding(counts: dict[date, int], last: date | None) -> Finding:
    given_last = {FIFE: last} if last else {}
    (one,) = [each for each in silences({FIFE: counts}, given_last, TODAY) if each.area == FIFE]
    return one.finding


@pytest.mark.parametrize(
    ("counts", "last", "wanted"),
    [
        ({}, None, Finding.NEVER),
        (by_month(1, date(2026, 6, 1), 5), date(2026, 10, 3), Finding.UNKNOWN),
        (by_month(1, date(2023, 1, 1), 46), date(2026, 10, 3), Finding.USUAL),
        (by_month(1, date(2023, 1, 1), 30), date(2025, 6, 3), Finding.SILENT),
        (by_month(1, date(2023, 1, 1), 36), date(2025, 12, 3), Finding.FEWER),
    ],
)
def test_silence_is_judged_by_an_areas_own_history(
    counts: dict[date, int], last: date | None, wanted: Finding
) -> None:
    assert finding(counts, last) is wanted


@given(st.integers(0, 30), st.integers(0, 30))
def test_fewer_notifications_are_never_less_of_a_finding(some: int, more: int) -> None:
    history = by_month(1, date(2023, 1, 1), 34)
    chances = []
    for number in sorted((some, more)):
        counts = history | {date(2026, 3, 1): number}
        (one,) = [
            each for each in silences({FIFE: counts}, {FIFE: TODAY}, TODAY) if each.area == FIFE
        ]
        chances.append(one.chance or 0)
    assert chances == sorted(chances)
    assert all(0 <= chance <= 1 for chance in chances)
