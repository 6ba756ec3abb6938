"""The console as attackers see it: pages and forms as an OpenAPI document, and who is signed in."""

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import schemathesis

import services.console
from services.console.entrypoints.forms import csrf_token
from services.console.entrypoints.signed_in import COOKIE
from services.console.issuer.issuer import Issuer
from services.console.issuer.people import PEOPLE
from services.console.settings import Settings
from services.console.storage.sessions import add_session
from shared.access.guards import permissions
from shared.access.principal import Role
from shared.web.app import ServiceApp
from tests.chaos.attacked_app import AttackedApp
from tests.chaos.hostile import Visitors

PAGES = Path(services.console.__file__).parent / "pages"
_NAMED = re.compile(r'(?:\bname=|\(errors, )"([a-z_]+)"')
# Boxes and amounts that have a field for each kind, area and obligation.
_MANY = ("kind_death-aftercare", "area_S12000047", "amount_report", "to")
_PARAMETER = re.compile(r"{([a-z_]+):(?:str|path)}")
# Every status that a page may have; 503 is left out, since everything it asks is there.
STATUSES = (200, 303, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422)
# Health probes and the schema's own pages ask and show nothing of anybody's.
SKIPPED = ("/health/live", "/health/ready", "/schema")


def page_fields() -> list[str]:
    """Every field that any form of any page has."""
    named = {name for page in PAGES.glob("*.html") for name in _NAMED.findall(_text(page))}
    return sorted({*named, *_MANY})


def page_routes(app: ServiceApp) -> list[tuple[str, str]]:
    """Method and path of everything that the console answers."""
    return [
        (method, path)
        for method, path in permissions(app)
        if method in ("GET", "POST") and not path.startswith(SKIPPED)
    ]


def console_document(app: ServiceApp) -> dict[str, Any]:
    """Every route with every field that any form of any page has."""
    fields = page_fields()
    paths: dict[str, Any] = {}
    for method, path in page_routes(app):
        plain, names = _PARAMETER.sub(r"{\1}", path), _PARAMETER.findall(path)
        paths.setdefault(plain, {})[method.lower()] = _operation(method, names, fields)
    return {"openapi": "3.1.0", "info": {"title": "Console", "version": "1"}, "paths": paths}


def _operation(method: str, names: list[str], fields: list[str]) -> dict[str, Any]:
    text = {"type": "string"}
    told: dict[str, Any] = {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": text} for name in names
        ],
        "responses": {str(status): {"description": "A page"} for status in STATUSES},
    }
    if method == "GET":
        told["parameters"] += [{"name": name, "in": "query", "schema": text} for name in fields]
    else:
        form = {"type": "object", "properties": dict.fromkeys(fields, text)}
        told["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    return told


def _text(page: Path) -> str:
    return page.read_text()


async def signed_in(app: ServiceApp, settings: Settings) -> dict[Role, str]:
    """The key of a session for a sample person of each role."""
    issuer, now = Issuer.of(settings), datetime.now(UTC)
    assert issuer is not None
    keys = {person.role: f"session-of-{person.id}" for person in PEOPLE.values()}
    until = now + timedelta(hours=1)
    async with app.state.database.session() as session:
        for person in PEOPLE.values():
            key, token = f"session-of-{person.id}", issuer.person_token(person, now)
            await add_session(session, app.state.field_cipher, key, person.id, token, now, until)
    return keys


class Sessions(Visitors):
    """Visitors of the console: the cookie of somebody signed in, and forms of their own session."""

    def __init__(self, keys: Mapping[Role, str]) -> None:
        self._keys = keys

    def headers(self, app: AttackedApp, chance: random.Random, role: Role) -> dict[str, str]:  # noqa: ARG002
        """The cookie that a browser would send."""
        key = self._keys.get(role) if chance.random() < 0.95 else "of nobody"
        return {"Cookie": f"{COOKIE}={key}"} if key else {}

    def aim(self, case: schemathesis.Case, chance: random.Random, role: Role) -> None:
        """Most forms come from the very session that shows them."""
        if isinstance(case.body, dict) and role in self._keys and chance.random() < 0.9:
            case.body["csrf"] = csrf_token(self._keys[role])
