"""Every answer of 400 and above is RFC 9457 problem details that say what to put right."""

import re
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError

from shared.database import is_collision, is_outage
from shared.errors import Conflict, FieldError, Invalid, ScrutinyError, Unauthenticated, Unavailable
from shared.telemetry import current_trace_id
from shared.web.shown_path import shown_path
from shared.web.structure import rule_of

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "2"

_log = structlog.get_logger(__name__)

# Unique and exclusion constraints: what a rule in code refuses a moment earlier with better words.
_DUPLICATES = {"23505", "23P01"}

_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    413: "The body is larger than is accepted here.",
}


class FieldProblem(msgspec.Struct, frozen=True):
    """One field and the rule it breaks."""

    field: str
    rule: str


class Problem(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """RFC 9457 problem details; `errors` names every field that was found wrong."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    trace_id: str
    errors: list[FieldProblem] = []


def problem_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer any exception; what we did not expect is logged, and shows nothing of the inside."""
    told = _told(request, error)
    if told.status >= 500:
        _report(error, told)
    body = msgspec.json.encode(_problem(request, told))
    headers = _headers(request, error, told)
    return Response(body, status_code=told.status, media_type=MEDIA_TYPE, headers=headers)


def _told(request: Request[Any, Any, Any], error: Exception) -> ScrutinyError:
    if isinstance(error, ScrutinyError):
        return error
    if isinstance(error, ValidationException):
        return Invalid(*_parameter_errors(request, error))
    if isinstance(error, HTTPException):
        return _plain(error.status_code)
    return _from_below(error)


def _from_below(error: Exception) -> ScrutinyError:
    if is_outage(error):
        return Unavailable("The database is not answering; try again shortly.")
    if is_collision(error):
        return Unavailable("Somebody else was changing the same thing; try again.")
    if _sqlstate(error) in _DUPLICATES:
        return Conflict("Somebody did the same at the same moment; read it again, then decide.")
    if _sqlstate(error) == "22021":
        return Invalid(FieldError("request", "must not contain the null character"))
    return ScrutinyError("Something went wrong on our side; the trace id finds it in our records.")


def _plain(status: int) -> ScrutinyError:
    told = ScrutinyError(_DETAILS.get(status, "The request was refused."))
    told.status = status
    told.title = HTTPStatus(status).phrase
    return told


def _problem(request: Request[Any, Any, Any], told: ScrutinyError) -> Problem:
    return Problem(
        type=_type(told),
        title=told.title,
        status=told.status,
        detail=told.detail,
        instance=shown_path(request.scope["path"], request.scope.get("path_template")),
        trace_id=current_trace_id(),
        errors=[FieldProblem(error.field, error.rule) for error in told.errors],
    )


def _type(told: ScrutinyError) -> str:
    if type(told) is not ScrutinyError:
        return told.problem_type()
    return f"urn:scrutiny:problem:{HTTPStatus(told.status).phrase.lower().replace(' ', '-')}"


def _headers(
    request: Request[Any, Any, Any], error: Exception, told: ScrutinyError
) -> dict[str, str]:
    headers = dict(getattr(error, "headers", None) or {})
    if isinstance(told, Unauthenticated):
        reason = ', error="invalid_token"' if "authorization" in request.headers else ""
        headers["WWW-Authenticate"] = f'Bearer realm="strategic-scrutiny"{reason}'
    if told.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = RETRY_SECONDS
    if told.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        # The rest of the body is not read, so this connection cannot carry another request.
        headers["Connection"] = "close"
    return headers


def _parameter_errors(
    request: Request[Any, Any, Any], error: ValidationException
) -> list[FieldError]:
    extra = error.extra if isinstance(error.extra, list) else []
    found = [_parameter_error(request, entry) for entry in extra if isinstance(entry, dict)]
    missing = re.match(r"Missing required (\w+) (?:parameter )?'([\w-]+)'", error.detail)
    if not found and missing:
        return [FieldError(missing[2], f"is required ({missing[1]})")]
    return found or [FieldError("request", "is not valid")]


def _parameter_error(request: Request[Any, Any, Any], entry: dict[str, Any]) -> FieldError:
    message, name = str(entry.get("message", "")), str(entry.get("key", ""))
    if message == f"'{name}'":
        message = "Object missing required field"
    parameters = request.scope["route_handler"].parsed_fn_signature.parameters
    wanted = parameters[name].raw if name in parameters else None
    return FieldError("body" if name in {"data", ""} else name, rule_of(message, wanted))


def _report(error: Exception, told: ScrutinyError) -> None:
    if isinstance(told, Unavailable):
        cause = error.__cause__ or error
        _log.warning("dependency did not answer", error=type(cause).__name__)
    else:
        _log.error("unexpected error", exc_info=error)


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
