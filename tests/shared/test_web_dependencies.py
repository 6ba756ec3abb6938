"""Handlers are given by name what their service was wired with, once and for good."""

from typing import Any

import pytest
from litestar import get
from litestar.di import Provide

from shared.access.guards import allow_signed_in, anonymous
from shared.access.principal import Principal, Role
from tests.access_kit import as_
from tests.shared.web_kit import app_of, client_of


@get("/greetings", guards=[allow_signed_in])
async def greet(greeting: str, principal: Principal, loudly: bool = False) -> str:
    said = f"{greeting}, {principal.name}"
    return said.upper() if loudly else said


@get("/visitors", guards=[anonymous])
async def visitor(principal: Principal | None) -> str:
    return "nobody" if principal is None else principal.name


async def test_a_handler_gets_objects_and_its_caller_by_name() -> None:
    async with client_of(app_of(greet, dependencies={"greeting": "Hello"})) as client:
        headers = as_(Role.NOTIFIER, name="Alex Sample")
        plain = await client.get("/greetings", headers=headers)
        loud = await client.get("/greetings?loudly=true&greeting=Bye", headers=headers)
    assert (plain.text, loud.text) == ("Hello, Alex Sample", "HELLO, ALEX SAMPLE")


async def test_each_application_gives_its_own() -> None:
    headers = as_(Role.NOTIFIER, name="Alex Sample")
    apps = [app_of(greet, dependencies={"greeting": word}) for word in ("Hello", "Welcome")]
    said: list[str] = []
    for app in apps:
        async with client_of(app) as client:
            said.append((await client.get("/greetings", headers=headers)).text)
    assert said == ["Hello, Alex Sample", "Welcome, Alex Sample"]


async def test_where_anybody_may_call_the_caller_is_nobody() -> None:
    async with client_of(app_of(visitor)) as client:
        assert (await client.get("/visitors")).text == "nobody"


async def test_what_is_worked_out_for_a_request_gets_objects_too() -> None:
    async def wanted(greeting: str, principal: Principal, times: int = 1) -> str:
        return f"{principal.name}: " + greeting * times

    @get("/echoes", guards=[allow_signed_in])
    async def echo(wanted: str) -> str:
        return wanted

    @get("/own-echoes", guards=[allow_signed_in], dependencies={"own": Provide(wanted)})
    async def own_echo(own: str) -> str:
        return own

    given: dict[str, Any] = {"greeting": "Ho", "wanted": Provide(wanted)}
    headers = as_(Role.NOTIFIER, name="Alex Sample")
    async with client_of(app_of(echo, own_echo, dependencies=given)) as client:
        for path in ("/echoes", "/own-echoes"):
            assert (await client.get(f"{path}?times=3", headers=headers)).text == (
                "Alex Sample: HoHoHo"
            )


async def test_nothing_of_it_is_asked_of_callers() -> None:
    async with client_of(app_of(greet, dependencies={"greeting": "Hello"})) as client:
        operation = (await client.get("/schema/openapi.json")).json()["paths"]["/greetings"]["get"]
    assert [one["name"] for one in operation["parameters"]] == ["loudly"]


def test_only_what_is_async_can_be_given_objects() -> None:
    @get("/waiting", guards=[anonymous], sync_to_thread=False)
    def waiting(greeting: str) -> str:
        return greeting

    with pytest.raises(TypeError, match="waiting"):
        app_of(waiting, dependencies={"greeting": "Hello"})
