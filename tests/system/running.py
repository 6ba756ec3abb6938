"""A whole system under its supervisor, as a person would start it, in a temporary folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from deploy.local.addresses import Ports
from deploy.local.environment import database_name
from deploy.local.home import CHECKOUT, Home
from deploy.local.keys import secret_of
from deploy.local.ports import free_port_base
from deploy.local.tokens import mint

COMMAND = (sys.executable, "-m", "deploy.local.cli")
START_SECONDS = 120


def scrutiny(
    *arguments: str,
    home: Path,
    timeout: float = START_SECONDS,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Runs one `scrutiny` command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments, "--home", str(home)],
        cwd=CHECKOUT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class System:
    """A running system: where its parts are reached, and ways to hurt it."""

    def __init__(
        self, folder: Path, *options: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.home = Home(folder)
        self.environment = environment
        self.options = (*options, "--port-base", str(free_port_base()))

    def start(self) -> "System":
        """Starts it detached; everything is ready when this returns."""
        started = scrutiny(
            *("up", "--detach", *self.options),
            home=self.home.folder,
            environment=self.environment,
        )
        assert started.returncode == 0, started.stdout + started.stderr + self.logs()
        return self

    def stop(self) -> None:
        """Stops it if it still runs."""
        scrutiny("down", home=self.home.folder, timeout=30)

    @property
    def ports(self) -> Ports:
        """Every port of this system."""
        return self.home.ports()

    def url(self, service: str) -> str:
        """The address of one service's API, or of the console."""
        return self.ports.url(service)

    @property
    def bootstrap(self) -> str:
        """Kafka, as our services reach it."""
        return f"127.0.0.1:{self.ports.bus}"

    @property
    def partner_bootstrap(self) -> str:
        """Kafka, as partners reach it."""
        return f"127.0.0.1:{self.ports.partners}"

    @property
    def partner_password(self) -> str:
        """The password of partner `fife`."""
        return secret_of(self.home, "partners", "fife")

    def database_url(self, service: str) -> str:
        """A service's own database, as the service reaches it."""
        role = database_name(service)
        password = secret_of(self.home, "databases", service)
        return f"postgresql://{role}:{password}@127.0.0.1:{self.ports.database}/{role}"

    def token(self, role: str, *areas: str, organisation: str | None = None) -> str:
        """A bearer token, as `scrutiny token` prints it."""
        return mint(self.home, role, areas, organisation)

    def auth(self, role: str, *areas: str) -> dict[str, str]:
        """The request header that carries such a token."""
        return {"Authorization": f"Bearer {self.token(role, *areas)}"}

    def child(self, name: str) -> dict[str, Any]:
        """What the supervisor says about one child: `postgres`, `kafka` or a service."""
        return next(one for one in self.home.status()["children"] if one["name"] == name)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Kills one child; the supervisor starts it again."""
        os.kill(self.child(name)["pid"], number)

    def wait_until_back(self, name: str, restarts: int = 1, within: float = 60) -> None:
        """Returns when a killed child is ready again."""
        deadline = time.monotonic() + within
        while (told := self.child(name))["restarts"] < restarts or told["state"] != "ready":
            assert time.monotonic() < deadline, f"{told}\n{self.logs()}"
            time.sleep(0.05)

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        supervisor = psutil.Process(self.home.status()["pid"])
        return [supervisor, *supervisor.children(recursive=True)]

    def logs(self, lines: int = 15) -> str:
        """The ends of all logs, for a failed assertion."""
        files = sorted(self.home.logs.glob("*.log")) if self.home.logs.exists() else []
        ends = (f"--- {one.name}\n" + _end(one, lines) for one in files)
        return "\n".join(ends)


def _end(log: Path, lines: int) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
