"""Checks callers before a request is read, at less than the price of a guard.

Litestar copies the whole handler for each guard of each request, which costs more than to check
the caller. Routes declare their access as a guard all the same: here it is moved, once.
"""

from collections.abc import Awaitable, Callable
from copy import copy
from typing import Any

from litestar.handlers import HTTPRouteHandler

from shared.access.guards import ACCESS, Access

Hook = Callable[[Any], Awaitable[Any]]


def checked_by_hook(route: HTTPRouteHandler) -> HTTPRouteHandler:
    """The same route, its access no longer a guard but checked by `access_hook`."""
    found = [guard for guard in route.guards or () if isinstance(guard, Access)]
    if len(found) != 1:
        return route
    made = copy(route)
    made.guards = [guard for guard in route.guards or () if guard is not found[0]]
    made.opt = route.opt | {ACCESS: found[0]}
    return made


def access_hook(then: Hook | None = None) -> Hook:
    """For `before_request`: check the caller as a guard would, then do what else is to be done."""

    async def before_request(request: Any) -> Any:
        access: Access | None = request.scope["route_handler"].opt.get(ACCESS)
        if access is not None:
            await access(request)
        return await then(request) if then else None

    return before_request
