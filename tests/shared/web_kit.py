"""A small application with one route of each sort, and a client that talks to it in memory."""

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Annotated, Any

import httpx
from litestar import Request, get, post, put
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from shared.access.guards import allow, allow_signed_in
from shared.access.principal import Principal, Role
from shared.errors import Conflict
from shared.settings import ServiceSettings
from shared.web.app import ServiceApp, service_app
from shared.web.etags import require_match
from tests.access_kit import service_settings


class Colour(Enum):
    """Two of them."""

    RED = "red"
    BLUE = "blue"


class SubjectIn(Struct, forbid_unknown_fields=True):
    """Somebody."""

    name: Annotated[str, Meta(min_length=1, max_length=20)]
    date_of_birth: date


class ThingIn(Struct, forbid_unknown_fields=True):
    """A body with a bit of everything."""

    colour: Colour
    subject: SubjectIn
    amount: Annotated[int, Meta(ge=1)]
    tags: list[str] = []
    others: list[SubjectIn] = []
    note: str | None = None


@post("/things", guards=[allow(Role.NOTIFIER)])
async def make_thing(data: ThingIn, principal: Principal) -> dict[str, str]:
    return {"made_by": principal.subject, "colour": data.colour.value}


@get("/things/{reference:str}", guards=[allow_signed_in])
async def read_thing(
    reference: str, on: date | None = None, colour: Colour | None = None, limit: int = 5
) -> dict[str, Any]:
    if reference == "broken":
        raise RuntimeError("Alex Sample, born 2012-03-04")
    if reference == "busy":
        raise Conflict("It is busy.")
    return {"reference": reference, "on": on, "limit": limit, "colour": colour}


@put("/things/{reference:str}", guards=[allow(Role.NOTIFIER)])
async def change_thing(reference: str, request: Request[Any, Any, Any]) -> dict[str, str]:
    require_match(request, version=3)
    return {"reference": reference}


def app_of(*routes: ControllerRouterHandler, **given: Any) -> ServiceApp:
    """An application with those routes."""
    settings = service_settings(ServiceSettings, service="sample", database_url="postgresql://x/x")
    return service_app(settings, title="Sample", routes=routes, **given)


def client_of(app: ServiceApp, client: str = "127.0.0.1") -> httpx.AsyncClient:
    """Talks to `app` as if from the address `client`."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://sample.example.org")


def sample_client() -> httpx.AsyncClient:
    """Talks to an application with all of the routes above."""
    return client_of(app_of(*SAMPLE_ROUTES))


SAMPLE_ROUTES: Sequence[ControllerRouterHandler] = (make_thing, read_thing, change_thing)
GOOD = {
    "colour": "red",
    "subject": {"name": "Alex Sample", "date_of_birth": "2012-03-04"},
    "amount": 2,
}
