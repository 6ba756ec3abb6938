"""What every service answers to operators: how its part of the chain is, and what is parked."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from msgspec import Struct

from shared.access.guards import allow
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.messaging.inbox import Consumer
from shared.messaging.parking import Parking
from shared.operations import parked as acts
from shared.operations.progress import operations
from shared.transaction import Transactions
from shared.web.idempotency import once
from shared.web.pages import Page, Position, checked_limit, page, place


class DiscardIn(Struct, forbid_unknown_fields=True):
    """Why a message is given up."""

    reason: str


def operator_routes(
    transactions: Transactions, parking: Parking, consumer: Consumer
) -> Sequence[HTTPRouteHandler]:
    """`/operations` and `/parked`, for one service."""

    @get("/operations", guards=[allow(Role.OPERATOR, Role.AUDITOR)])
    async def how_it_is() -> dict[str, Any]:
        """How far the outbox, the consumers and the timers of this service have got."""
        return await operations(transactions)

    @get("/parked", guards=[allow(Role.OPERATOR, Role.AUDITOR)])
    async def list_parked(
        waiting: bool = True, cursor: str | None = None, limit: int | None = None
    ) -> Page[acts.ParkedOut]:
        """Messages that could not take effect, oldest first."""
        size, at = checked_limit(limit), place(cursor, tuple[Position])
        after = at[0] if at else 0
        async with transactions.begin() as tx:
            rows = await acts.parked_page(tx, "waiting" if waiting else None, after, size + 1)
        return page(rows, size, out=acts.parked_out, after=lambda row: (row.position,))

    @get("/parked/{parked:str}", guards=[allow(Role.OPERATOR, Role.AUDITOR)])
    async def show_parked(parked: str) -> acts.InspectedOut:
        """One parked message: why it waits, and the shape of what came."""
        async with transactions.begin() as tx:
            return await acts.inspect(tx, parking, parked)

    @post("/parked/{parked:str}/redrive", guards=[allow(Role.OPERATOR)], status_code=200)
    async def redrive(parked: str, principal: Principal) -> acts.RedrivenOut:
        """Try it again, and whatever waits behind it; doing so twice does no harm."""
        return await acts.redrive(transactions, consumer, parked, principal.subject, utc_now)

    @post(
        "/parked/{parked:str}/discard",
        guards=[allow(Role.OPERATOR)],
        status_code=200,
        responses={200: ResponseSpec(acts.ParkedOut, description="The message, given up")},
    )
    async def discard(
        parked: str, data: DiscardIn, principal: Principal, request: Request[Principal, Any, Any]
    ) -> Response[bytes]:
        """Give it up, for a reason that is kept."""
        async with transactions.begin() as tx:
            return await once(
                tx,
                request,
                lambda: acts.discard(
                    tx, parking, parked, principal.subject, data.reason, utc_now()
                ),
                status=200,
            )

    return [how_it_is, list_parked, show_parked, redrive, discard]
