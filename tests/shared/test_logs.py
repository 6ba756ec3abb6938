"""A log line is one JSON object with its trace, and says nothing of people."""

import json
import logging
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from shared.access.principal import Role
from shared.logs import setup_logs
from shared.settings import ServiceSettings
from shared.telemetry import attached
from tests.access_kit import as_, service_settings
from tests.shared.web_kit import GOOD, sample_client

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def logs() -> None:
    setup_logs(service_settings(ServiceSettings, service="intake", database_url="postgresql://x/x"))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def insert(name: str) -> None:
    try:
        int(name)
    except ValueError as error:
        raise OperationalError(f"INSERT {name}", {"name": name}, error) from error


def test_a_line_carries_its_trace_and_service(capsys: pytest.CaptureFixture[str]) -> None:
    with attached(PARENT):
        structlog.get_logger().info("it happened", count=3)
    (line,) = lines(capsys)
    assert line["event"] == "it happened"
    assert line["count"] == 3
    assert line["service"] == "intake"
    assert line["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert line["span_id"] == "b7ad6b7169203331"


def test_an_exception_shows_where_but_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        insert("Alex Sample")
    except OperationalError:
        structlog.get_logger().exception("it broke")
    (line,) = lines(capsys)
    assert line["error"] == "OperationalError <- ValueError"
    assert "test_logs.py" in line["frames"][-1]
    assert "Alex" not in json.dumps(line)


def test_the_standard_library_speaks_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int("Alex Sample")
    except ValueError:
        logging.getLogger("some.library").warning("odd: %s", "thing", exc_info=True)
    logging.getLogger("httpx").info("GET https://x/?name=Alex")
    (line,) = lines(capsys)
    assert line["event"] == "odd: thing"
    assert line["logger"] == "some.library"
    assert line["level"] == "warning"
    assert line["error"] == "ValueError"
    assert "Alex" not in json.dumps(line)


async def test_a_request_is_logged_without_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    async with sample_client() as client:
        await client.get("/things/1?note=Alex", headers=as_(Role.NOTIFIER, name="Alex Sample"))
        await client.post("/things", json=GOOD, headers=as_(Role.NOTIFIER))
    told = lines(capsys)
    assert [(line["method"], line["route"], line["status"]) for line in told] == [
        ("GET", "/things/{reference}", 200),
        ("POST", "/things", 201),
    ]
    assert "Alex" not in json.dumps(told)
