"""What previews are asked in the benchmark, and how one is answered without the web."""

from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import msgspec

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.clock_answers import ClocksOut, clocks_out
from services.deadlines.entrypoints.preview_body import PreviewIn
from services.deadlines.entrypoints.preview_facts import preview_asked
from services.deadlines.storage.rulebook_files import load_rulebook
from tests.deadlines.random_cases import random_case

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
# All four rules of a death: hours over a clock change, a working day over Easter, days, no number.
BODY: dict[str, Any] = {
    "kind": "death-looked-after-child",
    "area": "S12000047",
    "occurred_at": "2026-03-28T22:30:00Z",
    "aware_at": "2026-04-02T09:00:00+01:00",
    "received_at": "2026-04-02T11:00:00+01:00",
    "pauses": [{"obligation": "report", "from": "2026-04-06", "until": "2026-04-09"}],
    "extensions": [{"obligation": "report", "amount": 7}],
    "as_at": "2026-04-10T12:00:00Z",
}
_DECODER = msgspec.json.Decoder(PreviewIn)


@cache
def rulebook() -> Rulebook:
    """The rules and calendars as checked in."""
    return load_rulebook()


def answered(body: dict[str, Any]) -> ClocksOut:
    """The answer as the route would give it."""
    return counted(_DECODER.decode(msgspec.json.encode(body)))


def answer(body: bytes) -> bytes:
    """From the bytes of a request to the bytes of its answer, in process."""
    return msgspec.json.encode(counted(_DECODER.decode(body)))


def random_bodies(seed: int, count: int) -> list[bytes]:
    """Requests with pauses, extensions and decisions, of every kind."""
    chance = Random(seed)
    return [msgspec.json.encode(random_case(chance)) for _ in range(count)]


def counted(body: PreviewIn) -> ClocksOut:
    """From a decoded request to the clocks of its answer, counted and explained."""
    book = rulebook()
    asked = preview_asked(body, book.in_force, NOW)
    return ClocksOut(clocks_out(book.preview(asked.kind, asked.area, asked.facts, asked.as_at)))
