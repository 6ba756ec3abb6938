"""A waterfall in the words and measures of its page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from services.console.domain.waterfall import Row, Waterfall
from shared.telemetry import DB_STATEMENT, DB_SYSTEM, EVENT_TYPE, REFERENCE, URL_PATH

# One colour a service; the name always stands beside it.
COLOURS = {"intake": 1, "deadlines": 2, "directory": 3, "inspections": 4, "console": 5}
OTHER_COLOURS = (6, 7, 8)
DEEPEST_INDENT = 12
_TARGET = re.compile(r'\b(?:INTO|FROM|UPDATE)\s+"?([a-z_]+)', re.IGNORECASE)
# A bar thinner than this (in per cent of the width) could not be seen.
THINNEST = 0.6


@dataclass(frozen=True, slots=True)
class SpanView:
    """One row: where its bar begins and how wide it is, in per cent."""

    row: Row
    indent: int
    colour: int
    x: float
    width: float
    about: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TraceView:
    """What the page of one trace shows."""

    trace: Waterfall
    spans: Sequence[SpanView]
    services: Sequence[tuple[str, int]]
    references: Sequence[str]
    sql: int
    hides_sql: bool


def trace_view(trace: Waterfall, *, hide_sql: bool) -> TraceView:
    """All of it, or all but the database statements that caused nothing else."""
    colours = _colours(trace.services)
    statements = [row for row in trace.rows if DB_SYSTEM in row.span.attributes]
    hidden = {row.span.id for row in statements if not row.span.failed} if hide_sql else set()
    references = {str(row.span.attributes.get(REFERENCE) or "") for row in trace.rows} - {""}
    return TraceView(
        trace=trace,
        spans=[_span(row, colours) for row in trace.rows if row.span.id not in hidden],
        services=list(colours.items()),
        references=sorted(references),
        sql=len(statements),
        hides_sql=hide_sql,
    )


def _span(row: Row, colours: dict[str, int]) -> SpanView:
    width = max(row.width * 100, THINNEST)
    return SpanView(
        row=row,
        indent=min(row.depth, DEEPEST_INDENT),
        colour=colours[row.span.service],
        x=round(min(row.offset * 100, 100 - width), 3),
        width=round(min(width, 100), 3),
        about=_about(row),
        facts=[(name, _text(value)) for name, value in sorted(row.span.attributes.items())],
    )


def _about(row: Row) -> str:
    """What tells one statement or message from the next, in a few words."""
    statement = row.span.attributes.get(DB_STATEMENT)
    if isinstance(statement, str):
        target = _TARGET.search(statement)
        return target[1] if target else ""
    if row.span.kind == "client":
        return _text(row.span.attributes.get(URL_PATH) or "")
    told = row.span.attributes.get(EVENT_TYPE)
    return told.removeprefix("scot.scrutiny.") if isinstance(told, str) else ""


def _colours(services: Sequence[str]) -> dict[str, int]:
    others = [name for name in services if name not in COLOURS]
    given = {name: OTHER_COLOURS[n % len(OTHER_COLOURS)] for n, name in enumerate(others)}
    return {name: COLOURS.get(name) or given[name] for name in services}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
