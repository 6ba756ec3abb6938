"""One finished piece of work in a trace, as any service reported it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """Another span that this one belongs to without being its child; ids in hex."""

    trace_id: str
    span_id: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something noted within a span (OpenTelemetry calls it an event)."""

    name: str
    at_ns: int
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """Ids are lower-case hex; times are nanoseconds, `start_ns` since 1970."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: str
    service: str
    start_ns: int
    duration_ns: int
    failed: bool = False
    said: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def id(self) -> tuple[str, str]:
        """Span ids are unique within their trace only."""
        return self.trace_id, self.span_id

    @property
    def end_ns(self) -> int:
        """When it was over."""
        return self.start_ns + self.duration_ns
