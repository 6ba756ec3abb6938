"""Whatever goes wrong, the answer is problem details that say what to put right, and no values."""

from typing import Any

import httpx
import pytest

from shared.access.principal import Role
from tests.access_kit import as_
from tests.shared.web_kit import GOOD, sample_client

NOTIFIER = as_(Role.NOTIFIER)
JSON = {"Content-Type": "application/json"}


async def ask(method: str, path: str, **given: Any) -> httpx.Response:
    async with sample_client() as client:
        return await client.request(method, path, headers=given.pop("headers", NOTIFIER), **given)


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The body of a problem, after checking what every problem must have."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["title"]
    assert body["type"].startswith("urn:scrutiny:problem:")
    assert body["trace_id"] == response.headers["x-trace-id"]
    assert len(body["trace_id"]) == 32
    assert int(body["trace_id"], 16)
    return body


def errors(response: httpx.Response) -> dict[str, str]:
    return {error["field"]: error["rule"] for error in problem(response, 422)["errors"]}


async def test_a_good_request_is_answered() -> None:
    response = await ask("POST", "/things", json=GOOD)
    assert response.status_code == 201
    assert response.json() == {"made_by": "person-1", "colour": "red"}
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"


async def test_every_wrong_field_is_named_at_once() -> None:
    body = {
        "colour": "mauve",
        "subject": {"name": "", "date_of_birth": "yesterday", "age": 7},
        "amount": "2",
        "tags": ["a", 1],
        "others": [{"name": "x"}, 5],
        "unknown": True,
    }
    assert errors(await ask("POST", "/things", json=body)) == {
        "colour": "must be one of: red, blue",
        "subject.name": "must not be empty",
        "subject.date_of_birth": "must be a date, such as 2026-03-28",
        "subject.age": "is not a field that is known here",
        "amount": "must be a whole number",
        "tags[1]": "must be text",
        "others[0].date_of_birth": "is required",
        "others[1]": "must be an object",
        "unknown": "is not a field that is known here",
    }


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"amount": 0}, "amount", "must be 1 or more"),
        ({"amount": True}, "amount", "must be a whole number"),
        ({"amount": 1.5}, "amount", "must be a whole number"),
        ({"amount": None}, "amount", "must be a whole number"),
        ({"colour": 5}, "colour", "must be one of: red, blue"),
        ({"colour": None}, "colour", "must be one of: red, blue"),
        ({"subject": "Alex"}, "subject", "must be an object"),
        ({"tags": "a"}, "tags", "must be a list"),
        ({"note": 5}, "note", "must be text"),
        ({"note": "a\0b"}, "note", "must not contain the null character"),
        ({"Alex Sample": 1}, "(a name that is not shown)", "is not a field that is known here"),
        (
            {"subject": {"name": "x" * 21, "date_of_birth": "2012-03-04"}},
            "subject.name",
            "must be at most 20 characters long",
        ),
    ],
)
async def test_each_rule_reads_as_plain_english(
    change: dict[str, Any], field: str, rule: str
) -> None:
    assert errors(await ask("POST", "/things", json=GOOD | change)) == {field: rule}


async def test_no_problem_repeats_what_was_sent() -> None:
    secret = "Alexandra-Unrepeatable"
    bodies = [
        GOOD | {"colour": secret},
        GOOD | {"amount": secret},
        GOOD | {"subject": {"name": secret * 3, "date_of_birth": secret}},
        GOOD | {f"{secret} is a key": 1},
    ]
    for body in bodies:
        assert secret not in (await ask("POST", "/things", json=body)).text
    query = {"on": secret, "colour": secret, "limit": secret}
    assert secret not in (await ask("GET", "/things/1", params=query)).text
    broken = await ask("POST", "/things", content=f'{{"a": {secret}'.encode(), headers=NOTIFIER)
    assert secret not in broken.text


@pytest.mark.parametrize(
    "body", [b"{", b"", b"nonsense", b"\xff\xfe", b'{"colour": "\xff"}', b"[" * 100_000, b"1 2"]
)
async def test_a_body_that_is_not_json_is_refused(body: bytes) -> None:
    response = await ask("POST", "/things", content=body, headers=NOTIFIER | JSON)
    assert problem(response, 422 if body == b"" else 400)["detail"]


async def test_a_body_of_another_kind_is_refused() -> None:
    assert (
        "application/json" in problem(await ask("POST", "/things", data={"a": "b"}), 415)["detail"]
    )


async def test_a_body_that_is_too_large_is_refused() -> None:
    body = b'{"note": "' + b"x" * 1_000_001 + b'"}'
    problem(await ask("POST", "/things", content=body, headers=NOTIFIER | JSON), 413)


async def test_wrong_parameters_are_named() -> None:
    query = {"on": "soon", "colour": "mauve", "limit": "many"}
    assert errors(await ask("GET", "/things/1", params=query)) == {
        "on": "must be a date, such as 2026-03-28",
        "colour": "must be one of: red, blue",
        "limit": "must be a whole number",
    }


async def test_an_unknown_address_and_an_unknown_method_are_problems() -> None:
    problem(await ask("GET", "/nothing"), 404)
    refused = await ask("DELETE", "/things")
    problem(refused, 405)
    assert "POST" in refused.headers["allow"]


async def test_an_unexpected_error_shows_nothing_of_the_inside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    response = await ask("GET", "/things/broken")
    told = problem(response, 500)
    assert "Alex" not in response.text
    assert "RuntimeError" not in response.text
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert told["trace_id"] in logged
    assert "Alex" not in logged


async def test_a_business_no_keeps_its_words() -> None:
    told = problem(await ask("GET", "/things/busy"), 409)
    assert told["detail"] == "It is busy."
    assert told["instance"] == "/things/-"


async def test_who_is_not_signed_in_is_told_how() -> None:
    missing = await ask("GET", "/things/1", headers={})
    problem(missing, 401)
    assert missing.headers["www-authenticate"] == 'Bearer realm="strategic-scrutiny"'
    wrong = await ask("GET", "/things/1", headers={"Authorization": "Bearer nonsense"})
    problem(wrong, 401)
    assert 'error="invalid_token"' in wrong.headers["www-authenticate"]
    problem(await ask("GET", "/things/1", headers={"Authorization": "Basic eDp5"}), 401)


async def test_who_may_not_is_told_who_may() -> None:
    told = problem(await ask("POST", "/things", json=GOOD, headers=as_(Role.AUDITOR)), 403)
    assert "notifier" in told["detail"]


async def test_nothing_of_a_body_is_read_before_the_caller_is_known() -> None:
    problem(await ask("POST", "/things", content=b"{", headers=JSON), 401)


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        (None, 428),
        ('"2"', 412),
        ('W/"3"', 412),
        ("3", 412),
        ('"3"', 200),
        ("*", 200),
        ('"1", "3"', 200),
    ],
)
async def test_a_change_names_the_version_it_changes(if_match: str | None, status: int) -> None:
    headers = NOTIFIER | ({} if if_match is None else {"If-Match": if_match})
    response = await ask("PUT", "/things/1", headers=headers)
    assert response.status_code == status
    if status != 200:
        problem(response, status)


async def test_an_inbound_trace_is_continued() -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    headers = NOTIFIER | {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
    assert (await ask("GET", "/things/1", headers=headers)).headers["x-trace-id"] == trace_id


@pytest.mark.parametrize("given", ["", "nonsense", "00-0-0-00", "é" * 3])
async def test_a_broken_trace_header_starts_a_new_trace(given: str) -> None:
    response = await ask("GET", "/things/1", headers=NOTIFIER | {"traceparent": given.encode()})
    assert response.status_code == 200
    assert int(response.headers["x-trace-id"], 16)
