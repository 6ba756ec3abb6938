"""Traces as the console keeps them, and the edges between their spans."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tests.system.running import System
from tests.system.stored import rows

# A span, as a person would point at it: "service kind name".
Edge = tuple[str, str]
# SQL is told by its statement's verb; one statement may write to several tables.
_WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")

_SPANS = """
    SELECT encode(trace_id, 'hex') AS trace_id, encode(span_id, 'hex') AS span_id,
           encode(parent_id, 'hex') AS parent_id, service, kind, name, attributes, links
    FROM spans
"""


@dataclass(frozen=True)
class Span:
    """One span that the console was sent."""

    trace_id: str
    span_id: str
    parent_id: str | None
    service: str
    kind: str
    name: str
    attributes: dict[str, Any]
    links: list[dict[str, str]]

    @property
    def node(self) -> str:
        """How the matrix names it."""
        name = "write" if self.kind == "client" and self.name in _WRITES else self.name
        return f"{self.service} {self.kind} {name}"


class Trace:
    """The spans of one trace; `outside` names spans that others made, by their id.

    What was done for a whole batch of messages is below a span of the batch, in a trace of its
    own: a message's span is linked to it, and `together` has what is below it.
    """

    def __init__(
        self, spans: list[Span], outside: Mapping[str, str], together: Iterable[Span] = ()
    ) -> None:
        self.spans = spans
        self._together = list(together)
        self._nodes = dict(outside) | {span.span_id: span.node for span in spans}

    @property
    def edges(self) -> set[Edge]:
        """Parent and child, for every span whose parent is known."""
        parents = ((self._nodes.get(span.parent_id or ""), span.node) for span in self.spans)
        own = {(parent, child) for parent, child in parents if parent is not None}
        return own | {edge for span in self.spans for edge in self._linked(span)}

    def _linked(self, span: Span) -> Iterator[Edge]:
        batches = {link["span_id"] for link in span.links}
        yield from ((span.node, one.node) for one in self._together if one.parent_id in batches)

    def nodes(self, edges: set[Edge]) -> list[Span]:
        """The spans that an edge of these names."""
        named = {node for edge in edges for node in edge}
        return [span for span in self.spans if span.node in named]


def trace(system: System, trace_id: str, outside: Mapping[str, str]) -> Trace:
    """One trace as far as it has arrived; `outside` names spans of others by their id."""
    return traces(system, {trace_id: outside})[trace_id]


def traces(system: System, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, Trace]:
    """Many traces as far as they have arrived, by id; with what is outside of each."""
    spans = _by_trace(system, wanted)
    batches = {
        link["trace_id"] for found in spans.values() for span in found for link in span.links
    }
    done_together = _by_trace(system, batches - spans.keys())
    return {
        trace_id: Trace(found, wanted[trace_id], _below(found, done_together))
        for trace_id, found in spans.items()
    }


def _by_trace(system: System, wanted: Iterable[str]) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {trace_id: [] for trace_id in wanted}
    ids = [bytes.fromhex(trace_id) for trace_id in spans]
    for row in rows(system, "console", _SPANS + "WHERE trace_id = ANY($1)", ids):
        spans[row["trace_id"]].append(_span(row))
    return spans


def _below(found: list[Span], done_together: Mapping[str, list[Span]]) -> list[Span]:
    named = {link["trace_id"] for span in found for link in span.links}
    return [span for trace_id in named for span in done_together.get(trace_id, ())]


def spans_about(system: System, reference: str) -> list[Span]:
    """Every span that says this reference, whatever trace it is in."""
    said = "WHERE attributes ->> 'scrutiny.reference' = $1"
    return [_span(row) for row in rows(system, "console", _SPANS + said, reference)]


def traces_about(system: System, references: list[str]) -> dict[str, set[str]]:
    """The traces in which anything says each of these references."""
    said = """SELECT DISTINCT attributes ->> 'scrutiny.reference' AS reference,
              encode(trace_id, 'hex') AS trace_id FROM spans
              WHERE attributes ->> 'scrutiny.reference' = ANY($1)"""
    found: dict[str, set[str]] = {reference: set() for reference in references}
    for row in rows(system, "console", said, references):
        found[row["reference"]].add(row["trace_id"])
    return found


def _span(row: dict[str, Any]) -> Span:
    read = {name: msgspec.json.decode(row[name]) for name in ("attributes", "links")}
    return Span(**row | read)
