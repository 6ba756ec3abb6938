"""A client span for every SQL statement: its text with placeholders, never its parameters."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext

from shared.telemetry import DB_NAMESPACE, DB_OPERATION, DB_STATEMENT, DB_SYSTEM, failed

LONGEST_STATEMENT = 2000
_KEY = "scrutiny_span"
_TRACER = trace.get_tracer("scrutiny.sql")


def trace_statements(engine: Engine) -> None:
    """Listen to an engine (the `sync_engine` of an asynchronous one)."""
    event.listen(engine, "before_cursor_execute", _started)
    event.listen(engine, "after_cursor_execute", _ended)
    event.listen(engine, "handle_error", _failed)


@contextmanager
def traced_statement(statement: str, database: str) -> Iterator[None]:
    """The same around a statement that goes to the driver itself."""
    current = _start(statement, database)
    if current is None:
        yield
        return
    try:
        yield
    except BaseException as error:
        failed(current, error)
        raise
    finally:
        current.end()


def _started(
    connection: Connection, _: Any, statement: str, __: Any, context: Any, ___: bool
) -> None:
    current = context and _start(statement, connection.engine.url.database or "")
    if current:
        setattr(context, _KEY, current)


def _start(statement: str, database: str) -> Span | None:
    # Outside any trace (a poll that found nothing, say) statements are not worth one of their own.
    if not trace.get_current_span().is_recording():
        return None
    told = _told(statement, database)
    return _TRACER.start_span(told[DB_OPERATION], kind=SpanKind.CLIENT, attributes=told)


# The same few statements, again and again.
@lru_cache(maxsize=512)
def _told(statement: str, database: str) -> Mapping[str, str]:
    return {
        DB_SYSTEM: "postgresql",
        DB_NAMESPACE: database,
        DB_OPERATION: statement.lstrip().partition(" ")[0].upper()[:16],
        DB_STATEMENT: statement.strip()[:LONGEST_STATEMENT],
    }


def _ended(_: Connection, __: Any, ___: str, ____: Any, context: Any, _____: bool) -> None:
    current = _span_of(context)
    if current is not None:
        current.end()


def _failed(error: ExceptionContext) -> None:
    current = _span_of(error.execution_context)
    if current is not None:
        failed(current, error.original_exception)
        current.end()


def _span_of(context: Any) -> Span | None:
    current = getattr(context, _KEY, None)
    if current is not None:
        delattr(context, _KEY)
    return current
