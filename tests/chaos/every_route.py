"""Every route of every service and every page of the console, asked with personal texts throughout.

People search by names, paste them where a reference belongs, and write them into the wrong box.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import httpx

from deploy.local.addresses import SERVICES
from services.console.app import build_app
from services.console.issuer.people import PEOPLE
from tests.chaos.hostile_console import page_fields, page_routes
from tests.console.console_kit import console_settings
from tests.system.chain import Chain
from tests.system.personal import marked

ROLES = ("support-officer", "chief-inspector", "operator", "auditor")
_IN_PATH = re.compile(r"{[^}]+}")
_HIDDEN = re.compile(r'name="([a-z_]+)" value="([^"]*)"')
PROBLEM = "application/problem+json"


def ask_every_api(chain: Chain) -> list[httpx.Response]:
    """One request to each operation of each document, as every kind of person."""
    answers: list[httpx.Response] = []
    for service in (one for one in SERVICES if one != "console"):
        document = chain.get(service, "/schema/openapi.json").raise_for_status().json()
        for path, method, operation in _operations(document):
            request = _request(document, operation)
            url = chain.system.url(service) + _IN_PATH.sub(_in_path, path)
            for role in ROLES:
                headers = chain.as_(role) | request.pop("headers", {})
                answers.append(chain.http.request(method, url, headers=headers, **request))
    return answers


def ask_every_page(chain: Chain) -> list[httpx.Response]:
    """One request to each route of the console, as every sample person."""
    with TemporaryDirectory() as folder:
        nowhere = "postgresql://nobody@127.0.0.1:9/console"
        routes = page_routes(build_app(console_settings(Path(folder), nowhere)))
    return [answer for person in PEOPLE for answer in _pages_as(chain, person, sorted(routes))]


def _pages_as(chain: Chain, person: str, routes: list[tuple[str, str]]) -> Iterator[httpx.Response]:
    console = chain.system.url("console")
    with httpx.Client(base_url=console, follow_redirects=True, timeout=20) as browser:
        csrf = _sign_in(browser, person)
        for method, path in routes:
            if path == "/sign-out":
                continue
            fields = {name: marked(f"{name} of a page") for name in page_fields()}
            told: dict[str, Any] = {"params": fields}
            if method == "POST":
                told = {"data": fields | {"csrf": csrf}}
            yield browser.request(method, _IN_PATH.sub(_in_path, path), **told)


def _sign_in(browser: httpx.Client, person: str) -> str:
    """Signs in as a browser would; answers the token of the session's forms."""
    asked = dict(_HIDDEN.findall(browser.get("/sign-in").text))
    start = browser.post("/issuer/authorize", data=asked | {"person": person})
    assert "Sign out" in start.text, start.text
    return dict(_HIDDEN.findall(start.text))["csrf"]


def _operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method.upper(), operation


def _request(document: Any, operation: Any) -> dict[str, Any]:
    """Every field there is, with a text of its own in it."""
    named = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    request: dict[str, Any] = {"params": {name: marked(f"{name} of a query") for name in named}}
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        fields = _fields(document, content["application/json"]["schema"])
        request["json"] = {name: marked(f"{name} of a body") for name in fields}
    elif content:
        fields = _fields(document, next(iter(content.values()))["schema"])
        request["data"] = {name: marked(f"{name} of a form") for name in fields}
        request["files"] = {"attachment": (marked("file"), b"%PDF")}
    return request


def _fields(document: Any, schema: Any) -> list[str]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return list(schema.get("properties", {}))


def _in_path(_: Any) -> str:
    return quote(marked("part of a path"), safe="")
