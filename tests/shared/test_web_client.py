"""Calls between services end in time, and are repeated only where that is safe."""

import time
from typing import Any

import httpx
import pytest
from litestar import Request, get, post, put

from deploy.local.ports import free_ports
from shared.access.guards import anonymous
from shared.errors import Unavailable
from shared.web.client import service_client
from tests.serving import served
from tests.shared.web_kit import app_of

CALLS: list[str] = []


async def busy(request: Request[Any, Any, Any]) -> str:
    """Away twice, then well."""
    CALLS.append(request.method)
    if len(CALLS) < 3:
        raise Unavailable("Not now.")
    return "well"


BUSY = [verb("/busy", guards=[anonymous], status_code=200)(busy) for verb in (get, post, put)]


@pytest.fixture(autouse=True)
def forget_calls() -> None:
    CALLS.clear()


async def test_reads_and_changes_to_a_place_are_repeated() -> None:
    async with served(app_of(*BUSY)) as url, service_client(url) as client:
        for method in ("GET", "PUT"):
            CALLS.clear()
            assert (await client.request(method, "/busy")).text == "well"
            assert len(CALLS) == 3


async def test_a_post_is_repeated_only_with_an_idempotency_key() -> None:
    async with served(app_of(*BUSY)) as url, service_client(url) as client:
        assert (await client.post("/busy")).status_code == 503
        assert len(CALLS) == 1
        CALLS.clear()
        assert (await client.post("/busy", headers={"Idempotency-Key": "k"})).status_code == 200


async def test_repeating_ends() -> None:
    async with served(app_of(*BUSY)) as url, service_client(url, attempts=2) as client:
        response = await client.get("/busy")
    assert response.status_code == 503
    assert response.json()["detail"] == "Not now."
    assert response.headers["retry-after"]


async def test_a_service_that_is_away_is_said_to_be_so_in_time() -> None:
    started = time.perf_counter()
    async with service_client(f"http://127.0.0.1:{free_ports(1)[0]}") as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("/x")
    assert time.perf_counter() - started < 3
