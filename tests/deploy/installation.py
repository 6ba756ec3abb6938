"""The containers of the compose file as processes on this machine, each told what it says there."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from deploy.local.ports import free_ports
from deploy.local.processes import wait_until
from deploy.make_secrets import ISSUED_BY_OTHERS, make_secrets
from tests.deploy.brokers import Brokers
from tests.deploy.compose import ROOT, containers, filled_in, secrets_of
from tests.deploy.identity_provider import CLIENT_SECRET
from tests.servers import PostgresServer

# Longer than any container is given, so that one that takes too long is seen.
INSIST_SECONDS = 40
PARTNERS = '[{"id": "fife", "organisation": "Fife Council", "areas": ["S12000047"]}]'


@dataclass
class Installation:
    """One machine's worth of containers: what differs from the file is only where things are."""

    folder: Path
    postgres: PostgresServer
    brokers: Brokers
    issuer: str
    ports: dict[str, int]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, folder: Path, postgres: PostgresServer, brokers: Brokers, issuer: str, *names: str
    ) -> "Installation":
        """With secrets as our command makes them, and those that others issue."""
        make_secrets(folder / "secrets")
        for name in ISSUED_BY_OTHERS:
            (folder / "secrets" / name).write_text(CLIENT_SECRET)
        (folder / "secrets/mail_url").write_text(f"folder://{folder}/mails")
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        return cls(folder, postgres, brokers, issuer, ports)

    def run(self, name: str) -> None:
        """Do what a one-shot container does, to its end."""
        done = subprocess.run(
            self._command(name), env=self._environment(name), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self, name: str) -> None:
        """Start a container's process."""
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            self._command(name), env=self._environment(name), stdout=log, stderr=log
        )
        log.close()

    def wait_healthy(self, name: str, within: float = 60) -> None:
        """Until the container's own health check is content."""
        process = self.running[name]
        healthy = wait_until(
            lambda: '"status":"ready"' in self._health(name),
            within=within,
            alive=lambda: process.poll() is None,
            every=0.3,
        )
        assert healthy, f"{self._health(name)}\n{(self.folder / f'{name}.log').read_text()[-3000:]}"

    def url(self, name: str) -> str:
        """Where a container's HTTP process listens."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def stop(self) -> dict[str, float]:
        """End every process as Docker would: ask, wait, insist. Says how many seconds each took."""
        asked = time.monotonic()
        for process in self.running.values():
            process.terminate()
        return {name: _ended(process) - asked for name, process in self.running.items()}

    def _health(self, name: str) -> str:
        try:
            return httpx.get(f"{self.url(name)}/health/ready", timeout=4).text
        except httpx.HTTPError as error:
            return type(error).__name__

    def _command(self, name: str) -> list[str]:
        return [sys.executable, *containers()[name]["command"][1:]]

    def _environment(self, name: str) -> dict[str, str]:
        container = containers()[name]
        told = {
            variable: self._here(filled_in(value, self._choices()))
            for variable, value in container["environment"].items()
            if not variable.startswith("OTEL_EXPORTER")
        }
        secrets = {
            target.upper(): self._secret(source)
            for target, source in secrets_of(container).items()
            if target != source
        }
        port = {
            "SCRUTINY_HTTP_PORT": str(self.ports.get(name, 0)),
            "SCRUTINY_HTTP_HOST": "127.0.0.1",
        }
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | told | secrets | port

    def _choices(self) -> dict[str, str]:
        return {
            "SCRUTINY_OIDC_ISSUER": self.issuer,
            "SCRUTINY_CONSOLE_URL": "https://scrutiny.example.org",
            "SCRUTINY_MAIL_FROM": "reminders@example.org",
            "SCRUTINY_SUPPORT_MAILBOX": "support@example.org",
            "SCRUTINY_PARTNERS": PARTNERS,
            "SCRUTINY_FILES_URL": f"file://{self.folder}/files",
        }

    def _here(self, text: str) -> str:
        """The addresses of containers and files, as they are on this machine."""
        for name, port in self.ports.items():
            text = re.sub(rf"^http://{name}:\d+$", f"http://127.0.0.1:{port}", text)
        text = text.replace("kafka-1:9092,kafka-2:9092,kafka-3:9092", self.brokers.bootstrap)
        return text.replace("/run/secrets/kafka_ca", str(self.brokers.folder / "secrets/kafka_ca"))

    def _secret(self, name: str) -> str:
        """A secret's value; accounts are those the brokers were formatted with."""
        account = self.brokers.folder / "secrets" / name
        if account.exists():
            return account.read_text()
        text = (self.folder / "secrets" / name).read_text()
        server = urlsplit(self.postgres.url())
        return text.replace("@postgres:5432/", f"@127.0.0.1:{server.port}/")


def _ended(process: subprocess.Popen[bytes]) -> float:
    """The moment a process ended, by itself or because it had its time."""
    try:
        process.wait(timeout=INSIST_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
    return time.monotonic()
