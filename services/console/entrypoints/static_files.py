"""Style sheets, fonts and icons, read once at the start; no other file can be asked for."""

import mimetypes

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from services.console.entrypoints.render import FOLDER
from shared.access.guards import anonymous
from shared.errors import NotFound

# An address names its content's digest, so what it holds never changes.
_FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
_TYPES = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


def static_route() -> HTTPRouteHandler:
    """`/static/...`."""
    root = FOLDER / "static"
    files = {
        f"/{file.relative_to(root).as_posix()}": (file.read_bytes(), _type(file.name, file.suffix))
        for file in root.rglob("*")
        if file.is_file()
    }

    @get("/static/{path:path}", guards=[anonymous], include_in_schema=False)
    async def static(path: str) -> Response[bytes]:
        found = files.get(str(path))
        if found is None:
            raise NotFound("There is no such file.")
        return Response(found[0], media_type=found[1], headers=_FOREVER)

    return static


def _type(name: str, suffix: str) -> str:
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
