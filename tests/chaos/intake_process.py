"""Intake in a process of its own; `SCRUTINY_CHAOS_PARSER` spoils how it reads headers.

`raises` is the parser that most consumers have: a header that is not UTF-8 is an exception. It is
the control of the attack, and lives nowhere but here.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import Popen

import httpx
import msgspec

from deploy.local.home import CHECKOUT
from deploy.local.ports import free_ports
from shared.messaging import delivery
from shared.process import run
from tests.access_kit import AUDIENCE, FIELD_KEYS, ISSUER, jwks_file

PARTNERS = [
    {"id": "fife", "organisation": "Fife Council", "areas": ["S12000047"]},
    {"id": "moray", "organisation": "Moray Council", "areas": ["S12000020"]},
]
READY_SECONDS = 60


class IntakeProcess:
    """Where it answers, and the process itself."""

    def __init__(self, running: "Popen[bytes]", port: int, log: Path) -> None:
        self.running = running
        self.url = f"http://127.0.0.1:{port}"
        self.log = log

    async def ready(self) -> None:
        """Return when it answers."""
        async with httpx.AsyncClient() as client, asyncio.timeout(READY_SECONDS):
            while not await self._answers(client):
                assert self.running.poll() is None, self.log.read_text()[-2000:]
                await asyncio.sleep(0.1)

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.url}/health/live")).status_code == 200
        except httpx.TransportError:
            return False


@asynccontextmanager
async def intake_process(
    url: str, bootstrap: str, folder: Path, **more: str
) -> AsyncIterator[IntakeProcess]:
    """Intake with partners Fife and Moray, on this database and this bus."""
    port, log = free_ports(1)[0], folder / "intake.log"
    told = {
        "DATABASE_URL": url,
        "KAFKA_BOOTSTRAP": bootstrap,
        "HTTP_PORT": str(port),
        "FIELD_KEYS": FIELD_KEYS,
        "FILES_URL": f"file://{folder / 'files'}",
        "PARTNERS": msgspec.json.encode(PARTNERS).decode(),
        "OIDC_ISSUER": ISSUER,
        "OIDC_AUDIENCE": AUDIENCE,
        "OIDC_JWKS": str(jwks_file()),
    }
    environment = os.environ | {f"SCRUTINY_{name}": value for name, value in told.items()} | more
    made = IntakeProcess(_launch(log, environment), port, log)
    try:
        await made.ready()
        yield made
    finally:
        made.running.terminate()
        await asyncio.to_thread(made.running.wait, 40)


def _launch(log: Path, environment: Mapping[str, str]) -> "Popen[bytes]":
    command = [sys.executable, "-m", "tests.chaos.intake_process"]
    with log.open("ab") as output:
        return Popen(command, cwd=CHECKOUT, env=environment, stdout=output, stderr=output)


def read_headers_strictly() -> None:
    """A header is text, or an exception."""

    def strict(value: bytes) -> str | None:
        return value.decode()

    delivery._text = strict


if __name__ == "__main__":
    if os.environ.get("SCRUTINY_CHAOS_PARSER") == "raises":
        read_headers_strictly()
    sys.exit(run("intake", "all"))
