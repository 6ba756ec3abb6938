"""Hours are elapsed time: 24 of them stay 24 over a clock change."""

from datetime import UTC, datetime, timedelta

from services.deadlines.domain.count import BeyondReach, Count, Span, Why
from services.deadlines.domain.local_time import LAST_DAY, end_of, midnight
from services.deadlines.domain.pauses import Standstill
from shared.clock import london_date

_END = end_of(LAST_DAY)
_ENOUGH = 9999 * 366 * 24


def count_hours(anchor: datetime, amount: int, paused: Standstill) -> Count:
    """Due when `amount` unpaused hours have passed; reached just as a pause begins, due there."""
    cursor, left = anchor.astimezone(UTC), timedelta(hours=min(amount, _ENOUGH))
    spans: list[Span] = []
    for starts, ends in _stops(paused):
        if ends is not None and ends <= cursor:
            continue
        running = max(starts - cursor, timedelta())
        if left <= running:
            break
        if running:
            spans.append(Span(cursor, starts, True, Why.COUNTED))
        if ends is None:
            return _without_end(starts, spans)
        spans.append(Span(max(cursor, starts), ends, False, Why.PAUSED))
        cursor, left = ends, left - running
    return _due(cursor, left, spans)


def _due(cursor: datetime, left: timedelta, spans: list[Span]) -> Count:
    if cursor >= _END or left >= _END - cursor:
        raise BeyondReach
    due_at = cursor + left
    spans.append(Span(cursor, due_at, True, Why.COUNTED))
    return Count(due_at, london_date(due_at), spans=tuple(spans))


def _without_end(stopped: datetime, spans: list[Span]) -> Count:
    if stopped >= _END:
        raise BeyondReach
    return Count(spans=tuple(spans))


def _stops(paused: Standstill) -> list[tuple[datetime, datetime | None]]:
    stops: list[tuple[datetime, datetime | None]] = [
        (midnight(starts), midnight(ends)) for starts, ends in paused.closed
    ]
    if paused.open_from is not None:
        stops.append((midnight(paused.open_from), None))
    return stops
