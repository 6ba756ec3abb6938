"""Traces as the console keeps them, and the edges between their spans."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tests.system.running import System
from tests.system.stored import rows

# A span, as a person would point at it: "service kind name". SQL is told by its statement's verb.
Edge = tuple[str, str]

_SPANS = """
    SELECT encode(trace_id, 'hex') AS trace_id, encode(span_id, 'hex') AS span_id,
           encode(parent_id, 'hex') AS parent_id, service, kind, name, attributes
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

    @property
    def node(self) -> str:
        """How the matrix names it."""
        return f"{self.service} {self.kind} {self.name}"


class Trace:
    """The spans of one trace; `outside` names spans that others made, by their id."""

    def __init__(self, spans: list[Span], outside: Mapping[str, str]) -> None:
        self.spans = spans
        self._nodes = dict(outside) | {span.span_id: span.node for span in spans}

    @property
    def edges(self) -> set[Edge]:
        """Parent and child, for every span whose parent is known."""
        parents = ((self._nodes.get(span.parent_id or ""), span.node) for span in self.spans)
        return {(parent, child) for parent, child in parents if parent is not None}

    def nodes(self, edges: set[Edge]) -> list[Span]:
        """The spans that an edge of these names."""
        named = {node for edge in edges for node in edge}
        return [span for span in self.spans if span.node in named]


def trace(system: System, trace_id: str, outside: Mapping[str, str]) -> Trace:
    """One trace as far as it has arrived; `outside` names spans of others by their id."""
    found = rows(system, "console", _SPANS + "WHERE trace_id = decode($1, 'hex')", trace_id)
    return Trace([_span(row) for row in found], outside)


def spans_about(system: System, reference: str) -> list[Span]:
    """Every span that says this reference, whatever trace it is in."""
    said = "WHERE attributes ->> 'scrutiny.reference' = $1"
    return [_span(row) for row in rows(system, "console", _SPANS + said, reference)]


def _span(row: dict[str, Any]) -> Span:
    return Span(**row | {"attributes": msgspec.json.decode(row["attributes"])})
