"""Who may call what: every route of every service, asked with every kind of wrong token."""

import re
import time
from functools import cache
from importlib import import_module
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, import_key

from deploy.local.addresses import SERVICES
from deploy.local.environment import service_environment
from deploy.local.home import read_json
from shared.access.guards import Access, permissions
from shared.access.principal import Role
from tests.system.chain import Chain
from tests.system.personal import FIFE
from tests.system.running import System

EDINBURGH = "S12000036"
APIS = ("intake", "deadlines", "directory", "inspections")
PROBLEM = "application/problem+json"
# What anybody may open: whether it lives, what it documents, and the way to sign in.
OPEN = ("/health/", "/schema", "/static/")
OPEN_IN_CONSOLE = (*OPEN, "/sign-in", "/sign-out")
# Calendar programs cannot sign in: the address nobody can guess shows what its owner may see.
BY_ADDRESS = ("/feeds/calendar", "/calendar-feeds/")
# Open to programs on the machine itself; the issuer exists in the embedded system only.
NEAR = ("/metrics", "/issuer/", "/v1/traces")
Routes = dict[tuple[str, str], Access]


@pytest.mark.parametrize("service", SERVICES)
def test_only_health_documents_and_signing_in_are_open_to_anybody(
    system: System, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    routes = _routes(system, monkeypatch, service)
    known = (OPEN_IN_CONSOLE if service == "console" else OPEN) + BY_ADDRESS
    anybody = {path for (_, path), access in routes.items() if access.roles is None}
    far = {path for (_, path), access in routes.items() if path in anybody and not access.loopback}
    assert {path for path in far if not path.startswith(known)} <= {"/"}
    assert {path for path in anybody - far if not path.startswith(NEAR)} == set()


@pytest.mark.parametrize("service", APIS)
def test_every_route_asks_for_a_token_and_for_the_right_role(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    closed = {
        route: access.roles
        for route, access in _routes(chain.system, monkeypatch, service).items()
        if access.roles is not None
    }
    assert len(closed) >= 8
    for (method, path), roles in closed.items():
        _expect(_call(chain, service, method, path, {}), 401)
        for role in set(Role) - roles - {Role.SERVICE}:
            headers = _bearer(_signed(chain.system, roles=[role]))
            _expect(_call(chain, service, method, path, headers), 403)


@pytest.mark.parametrize("service", APIS)
@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": 1_700_000_000}, "expired"),
        ({"aud": "another-system"}, "audience"),
        ({"iss": "http://127.0.0.1/elsewhere"}, "issuer"),
        ({"nbf": 4_000_000_000}, "not valid yet"),
        ({"exp": None}, "exp"),
        ({"sub": None}, "whom"),
    ],
    ids=str,
)
def test_a_token_that_is_not_for_here_and_now_is_refused_with_the_reason(
    chain: Chain, service: str, claims: dict[str, Any], why: str
) -> None:
    token = _signed(chain.system, roles=["chief-inspector"], **claims)
    refused = _expect(_call(chain, service, "GET", _listing(service), _bearer(token)), 401)
    assert why in refused["detail"]


@pytest.mark.parametrize("service", APIS)
def test_a_token_that_nobody_trusted_signed_is_refused(chain: Chain, service: str) -> None:
    stranger = ECKey.generate_key("P-256", {"kid": _key(chain.system).kid})
    unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4Iiwicm9sZXMiOlsiY2hpZWYtaW5zcGVjdG9yIl19."
    forged = _signed(chain.system, stranger, roles=["chief-inspector"])
    for token in (forged, unsigned, "garbage", "a.b.c", "é" * 20, "x" * 9000):
        headers = {b"Authorization": f"Bearer {token}".encode()}
        _expect(_call(chain, service, "GET", _listing(service), headers), 401)
    _expect(_call(chain, service, "GET", _listing(service), {"Authorization": "Basic eDp5"}), 401)


def test_what_is_in_another_area_does_not_exist(chain: Chain) -> None:
    reference = chain.notified()
    (clock, *_) = chain.clocks_once_started(reference).values()
    stranger = chain.as_("strategic-inspector", EDINBURGH)
    for service, path in (
        ("intake", f"/notifications/{reference}"),
        ("intake", f"/notifications/{reference}/timeline"),
        ("deadlines", f"/clocks/{clock['id']}"),
    ):
        hidden = _expect(chain.get(service, path, headers=stranger), 404)
        never = _expect(chain.get(service, _never(path), headers=stranger), 404)
        assert (hidden["title"], hidden["detail"]) == (never["title"], never["detail"])
    for service, path in (("intake", "/notifications"), ("deadlines", "/clocks")):
        listed = chain.get(service, path, headers=stranger, params={"limit": "100"}).json()
        assert {one["area"] for one in listed["items"]} <= {EDINBURGH}


def test_nobody_adds_to_a_case_of_another_area(chain: Chain) -> None:
    reference = chain.notified()
    stranger = chain.as_("notifier", EDINBURGH)
    path = f"/notifications/{reference}/decisions"
    body = {"decision": "learning-review"}
    _expect(chain.post("intake", path, json=body, headers=stranger), 404)
    refused = _expect(chain.notify(None, **stranger), 403)
    assert [error["field"] for error in refused["errors"]] == ["area"]


def test_an_operator_sees_how_the_chain_is_and_no_case(chain: Chain) -> None:
    reference = chain.notified()
    operator = chain.as_("operator")
    for path in ("/notifications", f"/notifications/{reference}"):
        _expect(chain.get("intake", path, headers=operator), 403)
    for service in APIS:
        assert chain.get(service, "/operations", headers=operator).status_code == 200


def test_a_wrong_body_is_told_every_field_that_is_wrong(chain: Chain) -> None:
    wrong = {"kind": "unknown", "area": "nowhere", "occurred_at": "2026-03-28T10:00:00"}
    refused = _expect(chain.post("intake", "/notifications", json=wrong), 422)
    told = {error["field"]: error["rule"] for error in refused["errors"]}
    assert set(told) >= {"occurred_at", "notifier"}
    assert all(rule and not rule.startswith("Object") for rule in told.values())


def test_a_body_that_is_no_json_or_is_too_large_is_told_so(chain: Chain) -> None:
    headers = {"Content-Type": "application/json"}
    broken = chain.post("intake", "/notifications", content=b'{"kind": ', headers=headers)
    assert [error["field"] for error in _expect(broken, 400)["errors"]] == ["body"]
    large = chain.post("intake", "/notifications", content=b'"' + b"x" * 2_000_000, headers=headers)
    _expect(large, 413)
    _expect(chain.get("intake", "/nothing-here"), 404)
    _expect(chain.post("deadlines", "/rules"), 405)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_documents_itself_and_its_problems(chain: Chain, service: str) -> None:
    schema = chain.http.get(chain.system.url(service) + "/schema").raise_for_status().json()
    assert schema["openapi"].startswith("3.1")
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            problems = [one for status, one in answers.items() if status.startswith(("4", "5"))]
            assert problems, f"{method} {path} documents no problem"
            assert all(set(one["content"]) == {PROBLEM} for one in problems), f"{method} {path}"


def _routes(system: System, monkeypatch: pytest.MonkeyPatch, service: str) -> Routes:
    """What a service's own application declares, wired as it runs."""
    environment = service_environment(
        system.home,
        system.ports,
        service,
        database_url=system.database_url(service),
        bus=system.bootstrap,
    )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = import_module(f"services.{service}.settings").Settings()
    return permissions(import_module(f"services.{service}.app").build_app(settings))


def _call(
    chain: Chain, service: str, method: str, path: str, headers: dict[Any, Any]
) -> httpx.Response:
    asked = re.sub(r"\{\w+:int\}", "1", path).replace("{", "x-").replace(":str}", "")
    address = chain.system.url(service) + asked
    return chain.http.request(method, address, headers=headers)


def _expect(answer: httpx.Response, status: int) -> dict[str, Any]:
    """A problem of this status that says in words what is wrong; answers it."""
    where = f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    assert answer.status_code == status, where
    assert answer.headers["content-type"] == PROBLEM, where
    problem = answer.json()
    assert problem["status"] == status
    assert min(len(problem[name]) for name in ("type", "title", "detail", "trace_id")) > 5
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    return problem


def _listing(service: str) -> str:
    found = {"intake": "/notifications", "deadlines": "/clocks", "directory": "/areas"}
    return found.get(service, "/inspections")


def _never(path: str) -> str:
    """The same address of something that never was."""
    parts = path.split("/")
    parts[2] = "SS-2026-999999" if parts[1] == "notifications" else "no-such-clock"
    return "/".join(parts)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@cache
def _key(system: System) -> Any:
    return import_key(read_json(system.home.keys / "issuer.json")["keys"][0])


def _signed(system: System, key: Any = None, **claims: Any) -> str:
    """A token of the system's own issuer, with these claims instead of sound ones."""
    now, trusted = int(time.time()), _key(system)
    sound = {
        "iss": system.ports.issuer,
        "aud": "strategic-scrutiny",
        "sub": "somebody",
        "iat": now,
        "exp": now + 600,
        "areas": [FIFE],
    }
    told = {name: value for name, value in (sound | claims).items() if value is not None}
    return jwt.encode({"alg": trusted.alg or "ES256", "kid": trusted.kid}, told, key or trusted)
