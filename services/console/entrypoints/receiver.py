"""Where services send their spans: OTLP over HTTP, in protobuf."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response, post
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from pydantic import SecretStr

from services.console.entrypoints import otlp
from services.console.entrypoints.signed_in import Connection
from services.console.use_cases.store_spans import store_spans
from shared.access.guards import Access, loopback_only
from shared.clock import Clock
from shared.database import Database
from shared.errors import Unauthenticated
from shared.web.bodies import WrongMediaType

MOST_BYTES = 8_000_000


@dataclass(frozen=True)
class WithToken(Access):
    """Programs that show the shared token, wherever they run."""

    token: str = field(default="", repr=False)

    async def __call__(self, connection: Connection, _: BaseRouteHandler | None = None) -> None:
        """Compare in constant time."""
        shown = connection.headers.get("authorization", "").removeprefix("Bearer ")
        if not secrets.compare_digest(shown.encode(), self.token.encode()):
            raise Unauthenticated("Show the token that spans are accepted with.")


def receiver_route(database: Database, token: SecretStr | None, clock: Clock) -> HTTPRouteHandler:
    """`POST /v1/traces`: from this machine, or from whoever shows `token` when there is one."""
    access = WithToken(None, token=token.get_secret_value()) if token else loopback_only

    @post(
        "/v1/traces",
        guards=[access],
        include_in_schema=False,
        status_code=200,
        request_max_body_size=MOST_BYTES,
    )
    async def receive(request: Request[Any, Any, Any]) -> Response[bytes]:
        if request.headers.get("content-type", "").partition(";")[0] != otlp.MEDIA_TYPE:
            raise WrongMediaType(f"Send spans as {otlp.MEDIA_TYPE}.")
        body = otlp.unpack(await request.body(), request.headers.get("content-encoding"))
        spans, rejected = otlp.read_spans(body)
        async with database.session() as session:
            await store_spans(session, spans, clock())
        return Response(otlp.answer(rejected), media_type=otlp.MEDIA_TYPE)

    return receive
