"""What handlers are given by name: the principal, and the objects a service was wired with.

They are bound once, when the application is built. As Litestar's own dependencies they would be
worked out and checked again for every request, at more than the price of deciding what it is about.
"""

from collections.abc import Callable, Mapping
from copy import copy
from inspect import Parameter, Signature, iscoroutinefunction, signature
from typing import Any

from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

PRINCIPAL = "principal"

Function = Callable[..., Any]


def bound_route(route: HTTPRouteHandler, dependencies: Mapping[str, Any]) -> HTTPRouteHandler:
    """The same route, whose handler has been given its plain objects already."""
    made = copy(route)
    if route.dependencies:
        objects = _plain(dependencies)
        made.dependencies = {
            name: _bound_provide(one, objects) if isinstance(one, Provide) else one
            for name, one in route.dependencies.items()
        }
    return made(bound(route.fn, _plain(dependencies)))


def provided(dependencies: Mapping[str, Any]) -> dict[str, Provide]:
    """Those that are worked out for each request, of its query for example."""
    objects = _plain(dependencies)
    return {
        name: _bound_provide(value, objects)
        for name, value in dependencies.items()
        if isinstance(value, Provide)
    }


def bound(fn: Function, objects: Mapping[str, Any]) -> Function:
    """`fn` without the parameters that are called like one of `objects`, or `principal`."""
    asked = signature(fn).parameters
    given = {name: objects[name] for name in asked if name in objects}
    if not given and PRINCIPAL not in asked:
        return fn
    if not iscoroutinefunction(fn):
        raise TypeError(f"{fn.__qualname__} is given objects by name, so it must be async")
    made = _with_principal(fn, given) if PRINCIPAL in asked else _with(fn, given)
    left = [one for name, one in asked.items() if name not in {*given, PRINCIPAL}]
    if PRINCIPAL in asked:
        left.append(Parameter("scope", Parameter.KEYWORD_ONLY, annotation=Any))
    return _named_like(fn, made, left)


def _with(fn: Function, given: Mapping[str, Any]) -> Function:
    async def called(**asked: Any) -> Any:
        return await fn(**given, **asked)

    return called


def _with_principal(fn: Function, given: Mapping[str, Any]) -> Function:
    async def called(*, scope: Any, **asked: Any) -> Any:
        # Nobody, on anonymous routes.
        return await fn(principal=scope.get("user"), **given, **asked)

    return called


def _named_like(fn: Function, made: Any, left: list[Parameter]) -> Function:
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(made, name, getattr(fn, name))
    returned = signature(fn).return_annotation
    made.__annotations__ = {one.name: one.annotation for one in left} | {"return": returned}
    made.__signature__ = Signature(left, return_annotation=returned)
    return made


def _bound_provide(provide: Provide, objects: Mapping[str, Any]) -> Provide:
    made = bound(provide.dependency, objects)
    return provide if made is provide.dependency else Provide(made)


def _plain(dependencies: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in dependencies.items() if not isinstance(value, Provide)}
