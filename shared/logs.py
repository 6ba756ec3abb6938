"""Logs: one JSON object a line, with the trace it belongs to and without anybody's data."""

import logging
import sys
from collections.abc import MutableMapping
from traceback import extract_tb
from types import TracebackType
from typing import Any

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError
from structlog.typing import Processor

from shared.log_lines import LINES
from shared.settings import ServiceSettings
from shared.telemetry import current_ids

MOST_FRAMES = 12
_ENCODER = msgspec.json.Encoder(enc_hook=str)
# Libraries that tell each request or statement at a level where we want to hear only trouble.
_TALKATIVE = ("httpx", "httpcore", "aiokafka", "sqlalchemy", "asyncio", "opentelemetry", "urllib3")

EventDict = MutableMapping[str, Any]


def setup_logs(settings: ServiceSettings) -> None:
    """Send structlog's and the standard library's lines to standard output; may be called again."""
    service, level = settings.service, logging.getLevelName(settings.log_level.upper())

    def add_service(_: object, __: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
        add_trace,
        describe_error,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.PositionalArgumentsFormatter(), _renderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: LINES,
        cache_logger_on_first_use=False,
    )
    _route_standard_library(shared, level)


def add_trace(_: object, __: str, event: EventDict) -> EventDict:
    """Name the trace and span this line was written in."""
    event.update(current_ids())
    return event


def describe_error(_: object, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its types and places: its message may repeat somebody's data."""
    error = _error_of(event.pop("exc_info", None))
    if error is not None:
        event["error"] = _chain(error)
        event["frames"] = _frames(error.__traceback__)
    return event


def _error_of(given: Any) -> BaseException | None:
    if isinstance(given, tuple):
        return given[1]
    if isinstance(given, BaseException):
        return given
    return sys.exc_info()[1] if given else None


def _chain(error: BaseException) -> str:
    names = []
    at: BaseException | None = error
    while at is not None and len(names) < 8:
        state = getattr(at.orig, "sqlstate", None) if isinstance(at, DBAPIError) else None
        names.append(f"{type(at).__qualname__}[{state}]" if state else type(at).__qualname__)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return " <- ".join(names)


def _frames(trace: TracebackType | None) -> list[str]:
    frames = extract_tb(trace)[-MOST_FRAMES:] if trace else []
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _renderer() -> Processor:
    if sys.stdout.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(serializer=_json)


def _json(event: Any, **_: Any) -> str:
    return _ENCODER.encode(event).decode()


def _route_standard_library(shared: list[Processor], level: int) -> None:
    handler = _StandardOutput()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _add_logger],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [kept for kept in root.handlers if not _is_ours(kept)] + [handler]
    root.setLevel(level)
    # Spans that were not received are counted, and said once, by our own exporter thread.
    logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


class _StandardOutput(logging.Handler):
    """Writes where our own lines go, in between them."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            write = LINES.warning if record.levelno >= logging.WARNING else LINES.info
            write(self.format(record))
        # As the standard library has it: a line that cannot be written breaks nothing.
        except Exception:  # noqa: BLE001
            self.handleError(record)


def _add_logger(_: object, __: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if record is not None:
        event["logger"] = record.name
    return event


def _is_ours(handler: logging.Handler) -> bool:
    return isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
