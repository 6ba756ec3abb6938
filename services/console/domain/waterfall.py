"""One trace as a person reads it: every span under what caused it, on one axis of time.

A span stands under its parent, or under a span it is linked to when its parent is not here (work
done in batches). Nothing is assumed of what was sent: parents may be missing, clocks may differ,
parents may even form a ring. Every span of the trace is shown exactly once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.console.domain.span import Span

SpanId = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One span with its place: `offset` and `width` are shares of the whole trace's time."""

    span: Span
    depth: int
    offset: float
    width: float
    since_start_ns: int
    # Its parent was named and never arrived.
    orphan: bool = False
    # It belongs to another trace and stands here because of a link.
    linked: bool = False
    # How much earlier than its parent it claims to have begun: their clocks differ.
    early_ns: int = 0


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All rows in reading order."""

    trace_id: str
    rows: tuple[Row, ...]
    start_ns: int
    duration_ns: int

    @property
    def services(self) -> tuple[str, ...]:
        """Who took part, in the order of their first span."""
        return tuple(dict.fromkeys(row.span.service for row in self.rows))

    @property
    def failures(self) -> int:
        """How many spans failed."""
        return sum(row.span.failed for row in self.rows)


def waterfall(trace_id: str, spans: Iterable[Span]) -> Waterfall:
    """The rows of `trace_id`; spans of other traces appear only where they are linked to it."""
    by_id = {span.id: span for span in spans}
    causes = {span.id: _cause(span, by_id) for span in by_id.values()}
    placed = list(_in_order(trace_id, by_id, causes))
    start = min((span.start_ns for span, _ in placed), default=0)
    end = max((span.end_ns for span, _ in placed), default=0)
    rows = tuple(_row(trace_id, span, depth, by_id, causes, start, end) for span, depth in placed)
    return Waterfall(trace_id, rows, start, end - start)


def _cause(span: Span, by_id: Mapping[SpanId, Span]) -> SpanId | None:
    parent = (span.trace_id, span.parent_id or "")
    candidates = [parent, *((link.trace_id, link.span_id) for link in span.links)]
    return next((one for one in candidates if one in by_id and one != span.id), None)


def _in_order(
    trace_id: str, by_id: Mapping[SpanId, Span], causes: Mapping[SpanId, SpanId | None]
) -> Iterator[tuple[Span, int]]:
    caused: dict[SpanId, list[Span]] = defaultdict(list)
    for span in by_id.values():
        if cause := causes[span.id]:
            caused[cause].append(span)
    own = sorted((span for span in by_id.values() if span.trace_id == trace_id), key=_began)
    seen: set[SpanId] = set()
    yield from _below([span for span in own if causes[span.id] is None], caused, seen)
    # What is left hangs under itself, in a ring: cut each at its earliest span.
    for span in own:
        yield from _below([span], caused, seen)


def _below(
    roots: Sequence[Span], caused: Mapping[SpanId, list[Span]], seen: set[SpanId]
) -> Iterator[tuple[Span, int]]:
    # A stack of our own: a trace may be deeper than Python's.
    stack = [(span, 0) for span in reversed(roots)]
    while stack:
        span, depth = stack.pop()
        if span.id in seen:
            continue
        seen.add(span.id)
        yield span, depth
        later = sorted(caused.get(span.id, ()), key=_began, reverse=True)
        stack.extend((child, depth + 1) for child in later)


def _row(
    trace_id: str,
    span: Span,
    depth: int,
    by_id: Mapping[SpanId, Span],
    causes: Mapping[SpanId, SpanId | None],
    start: int,
    end: int,
) -> Row:
    cause = causes[span.id]
    whole = max(end - start, 1)
    return Row(
        span=span,
        depth=depth,
        offset=(span.start_ns - start) / whole,
        width=span.duration_ns / whole,
        since_start_ns=span.start_ns - start,
        orphan=span.parent_id is not None and (span.trace_id, span.parent_id) not in by_id,
        linked=span.trace_id != trace_id,
        early_ns=max(0, by_id[cause].start_ns - span.start_ns) if cause else 0,
    )


def _began(span: Span) -> tuple[int, str, str]:
    return span.start_ns, *span.id
