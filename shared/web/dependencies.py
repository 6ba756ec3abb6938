"""What handlers are given by name: the principal, and the objects a service was wired with."""

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import Any

from litestar import Request
from litestar.di import Provide

from shared.access.principal import Principal

PRINCIPAL = "principal"


def provided(dependencies: Mapping[str, Any]) -> dict[str, Provide]:
    """A `Provide` for each; plain objects are given as they are.

    Each depends on the one before it, because Litestar starts a task for each of several that do
    not: that would cost more than everything else between the socket and the handler.
    """
    chain = {PRINCIPAL: Provide(_principal)}
    previous = PRINCIPAL
    for name, value in dependencies.items():
        chain[name] = value if isinstance(value, Provide) else Provide(_after(previous, value))
        previous = previous if isinstance(value, Provide) else name
    return chain


async def _principal(request: Request[Any, Any, Any]) -> Principal | None:
    # Nobody, on anonymous routes.
    return request.scope.get("user")


def _after(previous: str, value: Any) -> Callable[..., Any]:
    async def same(**_: Any) -> Any:
        return value

    parameter = Parameter(previous, Parameter.KEYWORD_ONLY, annotation=Any)
    same.__annotations__ = {previous: Any, "return": Any}
    setattr(same, "__signature__", Signature([parameter], return_annotation=Any))  # noqa: B010
    return same
