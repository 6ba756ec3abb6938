"""Asks for previews in process, with the JSON that travels over HTTP."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from services.deadlines.domain.clock import derive_clocks
from services.deadlines.entrypoints.clock_answers import clocks_out
from services.deadlines.entrypoints.preview_body import PreviewIn
from services.deadlines.entrypoints.preview_facts import preview_asked
from tests.deadlines.official import CALENDARS, FIFE, RULES

Json = dict[str, Any]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LAC = "death-looked-after-child"
SIR = "serious-incident-justice"


def ask(kind: str = LAC, area: str = FIFE, **facts: Any) -> dict[str, Json]:
    """The clocks of one preview by the id of their rule."""
    return {clock["rule"]: clock for clock in preview({"kind": kind, "area": area, **facts})}


def preview(body: Json) -> list[Json]:
    """The clocks of one preview, with instants and dates as Python has them."""
    asked = preview_asked(msgspec.convert(body, PreviewIn), RULES, NOW)
    rules = RULES.of(asked.kind)
    clocks = derive_clocks(rules, asked.facts, asked.area, CALENDARS, asked.as_at)
    return msgspec.to_builtins(clocks_out(clocks))
