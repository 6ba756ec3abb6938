"""Forms that browsers send, and the token that shows a form was made for this very session."""

import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from services.console.entrypoints.signed_in import session_key
from shared.errors import Changed, Conflict, FieldError, Invalid, NotAllowed, Refused
from shared.web.bodies import Malformed, WrongMediaType

FORM = "application/x-www-form-urlencoded"
# Every council area and every kind of notification may be a box that is ticked.
MOST_FIELDS = 100
# Written into forms by pages, and sent on in a header; nobody types them.
_OURS = frozenset({"key", "tag"})
# What a form is shown again for, with what was entered.
REFUSALS = (Invalid, Conflict, Changed)


async def small_form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The fields of a form; of one that comes twice the last counts."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise WrongMediaType(f"Send the form as {FORM}.")
    try:
        text = (await request.body()).decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Malformed("The form cannot be read.") from error


def asked(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The query's fields, read as small as a form is."""
    text = request.scope["query_string"].decode("latin-1")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Malformed("The address cannot be read.") from error


async def own_form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The form, when it was made for the session it comes with; `NotAllowed` otherwise."""
    form = await small_form(request)
    key = session_key(request)
    if key is None or not _same(form.get("csrf", ""), csrf_token(key)):
        raise NotAllowed("This form is not from your own session. Go back, reload the page, retry.")
    if not all(form[name].isascii() and form[name].isprintable() for name in _OURS & form.keys()):
        raise Malformed("The form cannot be read.")
    return form


def refused(refusal: Refused, field: str = "reason") -> tuple[FieldError, ...]:
    """What is wrong by field; what is not about one is told at `field`."""
    if isinstance(refusal, Changed):
        return (FieldError(field, "It was changed meanwhile. Look at it again, then repeat this."),)
    return refusal.errors or (FieldError(field, refusal.detail),)


def csrf_token(key: str) -> str:
    """Follows from the session's key, which no other site can know."""
    return hashlib.sha256(f"csrf/{key}".encode()).hexdigest()


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())
