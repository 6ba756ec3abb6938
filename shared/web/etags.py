"""`ETag` and `If-Match`: a change says which version it changes, or is refused."""

from typing import Any

from litestar import Request

from shared.errors import Changed, PreconditionMissing


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def require_match(request: Request[Any, Any, Any], version: int) -> None:
    """Refuse unless `If-Match` names this version; `*` means whichever there is."""
    header = request.headers.get("if-match")
    if header is None:
        raise PreconditionMissing("Send If-Match with the ETag of what you read.")
    given = {tag.strip() for tag in header.split(",")}
    # A weak tag never matches: RFC 9110 asks for the strong comparison here.
    if given.isdisjoint({"*", etag(version)}):
        raise Changed("Read it again, then repeat your change on what it says now.")
