"""Pages from templates: everything in them is escaped, nothing is loaded from elsewhere."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.enums import MediaType

from services.console.entrypoints.forms import csrf_token
from services.console.entrypoints.places import places_for
from services.console.entrypoints.signed_in import Viewer
from services.console.entrypoints.words import FILTERS
from shared.telemetry import current_trace_id

FOLDER = Path(__file__).resolve().parent.parent
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def html(
    request: Request[Any, Any, Any], template: str, status: int = 200, **told: Any
) -> Response[str]:
    """A page; every template also knows the viewer, where they may go, and the trace id."""
    viewer: Viewer | None = request.scope.get("auth")
    principal = viewer.principal if viewer else None
    page = templates().get_template(template)
    text = page.render(
        principal=principal,
        csrf=csrf_token(viewer.key) if viewer else "",
        places=places_for(principal),
        path=request.scope["path"],
        trace_id=current_trace_id(),
        **told,
    )
    return Response(text, status_code=status, media_type=MediaType.HTML)


@cache
def templates() -> Environment:
    """Autoescaping everywhere; a name that a page does not know is a mistake, not a blank."""
    found = Environment(
        loader=FileSystemLoader(FOLDER / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["static"] = static_address
    found.filters.update(FILTERS)
    return found


@cache
def static_address(path: str) -> str:
    """Where a vendored or own file is served; the address changes with its content."""
    digest = hashlib.sha256((FOLDER / "static" / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"
