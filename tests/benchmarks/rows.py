"""Everything that is measured, by name: one module each, with `async measure(effort, servers)`."""

from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

from tests.benchmarks.effort import Effort
from tests.benchmarks.results import Result
from tests.benchmarks.servers import Servers

Measure = Callable[[Effort, Servers], Coroutine[Any, Any, Result]]

ROWS = (
    "intake",
    "tracing_cost",
    "growth",
    "sweep",
    "preview",
    "consume",
    "relay",
    "latency",
    "messaging_growth",
    "recompute",
    "statistics",
)


def measure_of(name: str) -> Measure:
    """How that row is measured; imported only now, since each brings its own libraries."""
    return import_module(f"tests.benchmarks.{name}").measure
