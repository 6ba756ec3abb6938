"""Statistics over HTTP: as JSON, CSV and XLSX."""

from typing import Any

from litestar import Response, get
from litestar.openapi import ResponseSpec

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.silence import silences
from services.deadlines.domain.statistics import (
    AGES,
    TIMELINESS,
    Audience,
    By,
    Table,
    rows_of,
    table,
)
from services.deadlines.entrypoints.statistics_answers import (
    SilencesOut,
    TableOut,
    silence_out,
    table_out,
)
from services.deadlines.entrypoints.statistics_asked import Wish
from services.deadlines.entrypoints.statistics_files import CSV, XLSX, as_csv, as_xlsx
from services.deadlines.storage.statistics import ages, received, timeliness
from shared.access.guards import allow_case_readers
from shared.access.principal import Principal
from shared.clock import london_date, utc_now
from shared.errors import FieldError, Invalid
from shared.transaction import Transactions

_TABLE = {200: ResponseSpec(TableOut, description="The table; as a file where `format` asks so")}


@get("/statistics/timeliness", guards=[allow_case_readers], responses=_TABLE)
async def get_timeliness(
    transactions: Transactions, rulebook: Rulebook, wish: Wish
) -> Response[Any]:
    """What became of governing clocks that were due in a period, by area, kind or month."""
    now = utc_now()
    async with transactions.begin() as tx:
        cells = await timeliness(tx.session, wish.asked, wish.starts, wish.ends, now)
    title = f"Timeliness of what was due from {wish.starts} up to {wish.ends}, not included"
    return _answer(title, rulebook, wish, TIMELINESS, cells)


@get("/statistics/ages", guards=[allow_case_readers], responses=_TABLE)
async def get_ages(transactions: Transactions, rulebook: Rulebook, wish: Wish) -> Response[Any]:
    """How long what runs has been overdue, or has left, by area or kind."""
    if wish.asked.by is By.PERIOD:
        raise Invalid(FieldError("by", "must be one of: area, kind"))
    async with transactions.begin() as tx:
        cells = await ages(tx.session, wish.asked, utc_now())
    return _answer("Open and overdue by age", rulebook, wish, AGES, cells)


@get("/statistics/silence", guards=[allow_case_readers])
async def get_silence(transactions: Transactions, principal: Principal) -> SilencesOut:
    """No notifications, or fewer than usual, for each area against its own history.

    For use inside only, so it comes as JSON alone.
    """
    now = utc_now()
    async with transactions.begin() as tx:
        counts, last = await received(tx.session, principal.areas)
    found = silences(counts, last, london_date(now))
    return SilencesOut(now, [silence_out(one) for one in found if principal.may_see(one.area)])


def _answer(
    title: str, rulebook: Rulebook, wish: Wish, columns: dict[str, str], cells: Any
) -> Response[Any]:
    kinds = list(dict.fromkeys(k for one in rulebook.rule_sets.values() for k in one.by_kind))
    rows = rows_of(wish.asked.by, kinds, wish.starts, wish.ends)
    rows = _seen(rows, wish)
    made = table(title, wish.asked.by, rows, columns, cells, wish.audience)
    now = utc_now()
    if wish.as_file == "csv":
        return _file(as_csv(made), CSV, made, "csv")
    if wish.as_file == "xlsx":
        return _file(as_xlsx(made, now), XLSX, made, "xlsx")
    return Response(table_out(made, now))


def _seen(rows: dict[str, str], wish: Wish) -> dict[str, str]:
    if wish.asked.by is By.AREA and wish.asked.areas is not None:
        return {area: name for area, name in rows.items() if area in wish.asked.areas}
    if wish.asked.by is By.KIND and wish.asked.kind is not None:
        return {kind: name for kind, name in rows.items() if kind == wish.asked.kind}
    return rows


def _file(content: bytes, media_type: str, made: Table, extension: str) -> Response[Any]:
    inside = "-inside-only" if made.audience is Audience.INSIDE else ""
    name = f"{made.title.split()[0].lower()}-by-{made.by}{inside}.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


STATISTICS_ROUTES = (get_timeliness, get_ages, get_silence)
