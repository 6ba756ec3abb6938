"""What went wrong, as a page in plain English with the trace id; programs get problem details."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from services.console.entrypoints.render import html
from shared.errors import ScrutinyError, Unauthenticated
from shared.web.problems import problem_response

_FOR_PROGRAMS = ("/v1/", "/schema", "/metrics", "/issuer/token", "/issuer/jwks", "/issuer/.well")
_TITLES = {
    400: "We could not read that",
    403: "You cannot see this page",
    404: "We cannot find this page",
    405: "We cannot find this page",
    409: "This cannot be done now",
    413: "That is too large",
    422: "There is a problem with what was sent",
    503: "Something we depend on is not answering",
}
_SAYINGS = {
    404: "If you typed the address, check that it is correct. If you followed a link, what it "
    "led to may be gone, or may not be yours to see.",
    405: "If you typed the address, check that it is correct.",
    413: "Send less at once.",
    503: "Nothing you did is lost. Try again in a minute.",
}
_OURS = "It is not your fault. Try again; if it happens again, tell the people who run the service."


def mistake(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer any exception; somebody who is not signed in is asked to, and then led back."""
    path = request.scope["path"]
    if path.startswith(_FOR_PROGRAMS):
        return problem_response(request, error)
    if isinstance(error, Unauthenticated):
        return _sign_in(request)
    # Logs what we did not expect, and knows which status each kind of error is.
    problem = problem_response(request, error)
    status = problem.status_code or 500
    detail = error.detail if isinstance(error, ScrutinyError) else _SAYINGS.get(status, _OURS)
    page = html(
        request,
        "mistake.html",
        status,
        title=_TITLES.get(status, "Sorry, something went wrong"),
        detail=detail if status < 500 or status == 503 else _OURS,
        errors=error.errors if isinstance(error, ScrutinyError) else (),
    )
    page.headers.update(dict(problem.headers))
    return page


def _sign_in(request: Request[Any, Any, Any]) -> Redirect:
    back_to = request.scope["path"]
    if query := request.scope["query_string"].decode("latin-1"):
        back_to = f"{back_to}?{query}"
    if request.method != "GET":
        back_to = "/"
    return Redirect(f"/sign-in?back_to={quote(back_to, safe='')}", status_code=303)


HANDLERS: dict[Any, Any] = {Exception: mistake, HTTPException: mistake}
