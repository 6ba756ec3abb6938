"""What the OpenAPI document says is what the application does, problems included."""

from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shared.access.principal import Role
from tests.access_kit import as_
from tests.shared.web_kit import SAMPLE_ROUTES, app_of, client_of

CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
APP = app_of(*SAMPLE_ROUTES)
SCHEMA = schemathesis.openapi.from_asgi("/schema/openapi.json", APP)


async def document() -> dict[str, Any]:
    async with client_of(APP) as client:
        return (await client.get("/schema/openapi.json")).json()


@SCHEMA.parametrize()
@settings(max_examples=25, deadline=None)
def test_whatever_is_sent_the_answer_is_a_documented_one(case: schemathesis.Case) -> None:
    case.headers.update(as_(Role.NOTIFIER))
    response = case.call()
    assert response.status_code < 500
    case.validate_response(response, checks=CHECKS)


async def test_every_route_documents_its_problems_as_problem_details() -> None:
    told = await document()
    assert told["openapi"].startswith("3.1")
    for path in told["paths"].values():
        for operation in path.values():
            problems = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
            assert {"400", "401", "403", "404", "422", "500", "503"} <= problems.keys()
            assert all(
                list(r["content"]) == ["application/problem+json"] for r in problems.values()
            )


async def test_every_route_says_that_it_needs_a_token_and_whose() -> None:
    told = await document()
    assert told["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert told["paths"]["/things"]["post"]["security"] == [{"bearer": []}]
    assert told["paths"]["/things"]["post"]["description"] == "For: notifier."


@pytest.mark.parametrize(
    ("path", "method", "header"),
    [("/things", "post", "Idempotency-Key"), ("/things/{reference}", "put", "If-Match")],
)
async def test_headers_that_make_a_change_safe_are_documented(
    path: str, method: str, header: str
) -> None:
    operation = (await document())["paths"][path][method]
    assert header in {parameter["name"] for parameter in operation["parameters"]}


async def test_the_document_loads_nothing_from_elsewhere() -> None:
    async with client_of(APP) as client:
        for path in ("/schema", "/schema/openapi.json", "/schema/openapi.yaml"):
            response = await client.get(path)
            assert response.status_code == 200
            assert "<script" not in response.text
