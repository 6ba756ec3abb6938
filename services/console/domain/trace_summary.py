"""What is known of a trace without looking at each of its spans."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from services.console.domain.span import Span

REFERENCE = "scrutiny.reference"


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """One line in a list of traces; ids in hex, times in nanoseconds."""

    trace_id: str
    started_ns: int
    ended_ns: int
    spans: int
    failures: int
    entry_name: str
    entry_service: str
    services: tuple[str, ...]
    references: tuple[str, ...]
    linked: tuple[str, ...]

    @property
    def duration_ns(self) -> int:
        """From the first span's beginning to the last one's end."""
        return self.ended_ns - self.started_ns


def summaries(spans: Iterable[Span]) -> list[TraceSummary]:
    """One a trace, in the order of trace ids (whoever locks their rows locks in one order)."""
    by_trace: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_trace[span.trace_id].append(span)
    return [_summary(trace_id, by_trace[trace_id]) for trace_id in sorted(by_trace)]


def _summary(trace_id: str, spans: list[Span]) -> TraceSummary:
    first = min(spans, key=lambda span: span.start_ns)
    references = {str(span.attributes[REFERENCE]) for span in spans if REFERENCE in span.attributes}
    linked = {link.trace_id for span in spans for link in span.links} - {trace_id}
    return TraceSummary(
        trace_id=trace_id,
        started_ns=first.start_ns,
        ended_ns=max(span.end_ns for span in spans),
        spans=len(spans),
        failures=sum(span.failed for span in spans),
        entry_name=first.name,
        entry_service=first.service,
        services=tuple(sorted({span.service for span in spans})),
        references=tuple(sorted(references)),
        linked=tuple(sorted(linked)),
    )
