"""No route without a rule, no rule that lets in who should stay out."""

from typing import Any

import pytest
from litestar import Request, get

from shared.access.guards import allow, anonymous, permissions
from shared.access.principal import CASE_READERS, Principal, Role, principal_of
from shared.errors import NotAllowed, NotFound
from tests.access_kit import as_
from tests.shared.web_kit import GOOD, app_of, client_of, make_thing


def test_an_app_with_an_undeclared_route_is_not_built() -> None:
    @get("/open")
    async def forgotten() -> str:
        return "everybody"

    with pytest.raises(RuntimeError, match="GET /open"):
        app_of(forgotten)


def test_an_app_with_a_route_declared_twice_is_not_built() -> None:
    @get("/twice", guards=[anonymous, allow(Role.OPERATOR)])
    async def twice() -> str:
        return "?"

    with pytest.raises(RuntimeError, match="GET /twice"):
        app_of(twice)


def test_an_app_with_a_route_whose_own_hook_hides_the_check_is_not_built() -> None:
    async def mine(request: Request[Any, Any, Any]) -> None:
        assert request

    @get("/hooked", guards=[allow(Role.OPERATOR)], before_request=mine)
    async def hooked() -> str:
        return "everybody"

    with pytest.raises(RuntimeError, match="/hooked"):
        app_of(hooked)


async def test_what_else_is_done_before_a_request_knows_its_caller() -> None:
    seen: list[str] = []

    async def note(request: Request[Any, Any, Any]) -> None:
        seen.append(request.user.name)

    async with client_of(app_of(make_thing, before_request=note)) as client:
        assert (await client.post("/things", json=GOOD)).status_code == 401
        made = await client.post("/things", json=GOOD, headers=as_(Role.NOTIFIER, name="Alex"))
    assert (made.status_code, seen) == (201, ["Alex"])


async def test_who_may_not_call_is_refused_before_the_body_is_read() -> None:
    async with client_of(app_of(make_thing)) as client:
        answers = [
            await client.post("/things", content=b"not JSON", headers=headers)
            for headers in ({}, as_(Role.AUDITOR))
        ]
    assert [answer.status_code for answer in answers] == [401, 403]


def test_only_health_metrics_and_documentation_are_anonymous() -> None:
    open_paths = {
        path for (_, path), access in permissions(app_of(make_thing)).items() if not access.roles
    }
    assert {path.split("/")[1] for path in open_paths} == {"health", "metrics", "schema"}


async def test_metrics_exist_only_for_this_machine() -> None:
    async with client_of(app_of()) as near, client_of(app_of(), "192.0.2.7") as far:
        assert (await near.get("/metrics")).status_code == 200
        assert "scrutiny_http_request_seconds" in (await near.get("/metrics")).text
        assert (await far.get("/metrics")).status_code == 404


async def test_each_role_gets_only_where_it_may() -> None:
    @get("/cases", guards=[allow(*CASE_READERS)])
    async def cases(principal: Principal) -> list[str]:
        return sorted(principal.roles)

    async with client_of(app_of(cases)) as client:
        answers = {
            role: (await client.get("/cases", headers=as_(role))).status_code for role in Role
        }
    assert answers == {role: 403 if role is Role.OPERATOR else 200 for role in Role}


@pytest.mark.parametrize(
    ("role", "areas", "sees_fife", "sees_moray"),
    [
        (Role.NOTIFIER, None, False, False),
        (Role.NOTIFIER, ["S12000047"], True, False),
        (Role.STRATEGIC_INSPECTOR, ["S12000047", "S12000020"], True, True),
        (Role.STRATEGIC_INSPECTOR, "*", True, True),
        (Role.STRATEGIC_INSPECTOR, 7, False, False),
        (Role.SUPPORT_OFFICER, None, True, True),
        (Role.SUPPORT_OFFICER, ["S12000020"], False, True),
        (Role.CHIEF_INSPECTOR, None, True, True),
        (Role.AUDITOR, None, True, True),
        (Role.SERVICE, None, True, True),
        (Role.OPERATOR, None, False, False),
    ],
)
def test_an_area_exists_only_for_whom_it_should(
    role: Role, areas: object, sees_fife: bool, sees_moray: bool
) -> None:
    principal = principal_of({"sub": "x", "roles": [role.value], "areas": areas})
    assert principal.may_see("S12000047") is sees_fife
    assert principal.may_see("S12000020") is sees_moray
    if not sees_fife:
        with pytest.raises(NotFound):
            principal.require_area("S12000047")


def test_a_needed_role_is_named_in_the_refusal() -> None:
    principal = principal_of({"sub": "x", "roles": ["auditor"]})
    principal.require_role(Role.AUDITOR, Role.OPERATOR)
    with pytest.raises(NotAllowed, match="operator"):
        principal.require_role(Role.OPERATOR)


@pytest.mark.parametrize("roles", [None, "operator", 5, [5, None], {"operator": True}])
def test_strange_claims_give_no_roles(roles: object) -> None:
    assert principal_of({"sub": "x", "roles": roles}).roles == frozenset()
