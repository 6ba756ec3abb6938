"""The OpenAPI 3.1 document at `/schema`, with the problems each route can answer."""

from dataclasses import dataclass
from inspect import getdoc

from litestar import Litestar, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, Operation, Parameter, Schema, SecurityScheme
from litestar.openapi.spec.enums import OpenAPIType

from shared.access.guards import Access, anonymous, declared_access
from shared.web.problems import MEDIA_TYPE, Problem

# A POST that changes something says so: `@post(..., opt={IF_MATCH: True})`.
IF_MATCH = "if_match"

_SAYINGS = {
    400: "The request cannot be read",
    401: "No bearer token, or one that is not believed",
    403: "This caller may not do this",
    404: "There is no such thing, or it is not this caller's to see",
    409: "The thing is in a state that does not allow this",
    412: "It has changed since it was read",
    413: "The body is too large",
    415: "The body is not in a form that is read here",
    422: "Some fields break a rule; each is named",
    428: "If-Match is missing",
    500: "Something went wrong on our side",
    503: "Something this depends on is not answering",
}
_CHANGES = {"PUT", "PATCH", "DELETE"}
_KEY = "The same key with the same body takes effect once and gets the first answer again."
_MATCH = "The ETag of what is changed, as it was read."


def openapi_config(title: str) -> OpenAPIConfig:
    """Served without any page that would load something from elsewhere."""
    bearer = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
    return OpenAPIConfig(
        title=title,
        version="1",
        path="/schema",
        render_plugins=[JsonRenderPlugin(), YamlRenderPlugin()],
        components=Components(security_schemes={"bearer": bearer}),
        openapi_router=Router(
            path="/schema", route_handlers=[], guards=[anonymous], include_in_schema=False
        ),
    )


def document_problems(app: Litestar) -> None:
    """Give every documented route its problem answers and what it asks of the caller."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and handler.resolve_include_in_schema():
                _document(handler)


@dataclass
class PostOperation(Operation):
    """A POST: repeating it is safe when it carries a key."""

    def __post_init__(self) -> None:
        """Document the header that every POST takes."""
        self.parameters = [*(self.parameters or []), _header("Idempotency-Key", _KEY)]


@dataclass
class ChangeOperation(Operation):
    """A change to something that exists: it says which version it changes."""

    def __post_init__(self) -> None:
        """Document the header that changes take."""
        self.parameters = [*(self.parameters or []), _header("If-Match", _MATCH)]


def _header(name: str, description: str) -> Parameter:
    text = Schema(type=OpenAPIType.STRING)
    return Parameter(name=name, param_in="header", schema=text, description=description)


def _document(handler: HTTPRouteHandler) -> None:
    access = next(iter(declared_access(handler)), None)
    if access is None:
        return
    signed_in = access.roles is not None
    problems = {status: _problem(status) for status in _statuses(handler, signed_in=signed_in)}
    handler.responses = problems | dict(handler.responses or {})
    if handler.operation_class is not Operation:
        pass  # The route documents itself.
    elif "POST" in handler.http_methods:
        handler.operation_class = PostOperation
    elif _CHANGES & set(handler.http_methods):
        handler.operation_class = ChangeOperation
    if signed_in:
        handler.security = [{"bearer": []}]
        told = (getdoc(handler.fn), _callers(access))
        handler.description = handler.description or "\n\n".join(filter(None, told))


def _statuses(handler: HTTPRouteHandler, *, signed_in: bool) -> list[int]:
    statuses = [400, 404, 422, 500, 503] + ([401, 403] if signed_in else [])
    if not set(handler.http_methods) <= {"GET", "HEAD"}:
        statuses += [409, 413, 415]
    if set(handler.http_methods) & {"PUT", "PATCH", "DELETE"} or handler.opt.get(IF_MATCH):
        statuses += [412, 428]
    return sorted(statuses)


def _problem(status: int) -> ResponseSpec:
    return ResponseSpec(
        Problem, generate_examples=False, description=_SAYINGS[status], media_type=MEDIA_TYPE
    )


def _callers(access: Access) -> str:
    return f"For: {', '.join(sorted(access.roles or ()))}."
