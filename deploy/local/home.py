"""The state folder `.scrutiny/`: what lies where, who holds it, and how its children are doing."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from deploy.local.addresses import Ports
from deploy.local.failures import AlreadyRunning, DamagedFolder, StackFailure

CHECKOUT = Path(__file__).resolve().parents[2]


def default_home() -> Path:
    """`SCRUTINY_HOME`, else `.scrutiny` beside the code."""
    return Path(os.environ.get("SCRUTINY_HOME") or CHECKOUT / ".scrutiny")


class Home:
    """One state folder; only its owner can look into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.keys = self.folder / "keys"
        self.logs = self.folder / "logs"
        self.mails = self.folder / "mails"
        self.files = self.folder / "files"
        self.postgres = self.folder / "postgres"
        self.kafka = self.folder / "kafka"
        self.settings_file = self.folder / "settings.json"
        self.status_file = self.folder / "status.json"
        self.sample_mark = self.folder / "sample-loaded"
        self._lock_file = self.folder / "supervisor.lock"

    def make(self) -> None:
        """Creates the folders, closed to everybody else."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            for folder in (self.keys, self.logs, self.mails, self.files):
                folder.mkdir(mode=0o700, exist_ok=True)
        except PermissionError as error:
            raise StackFailure(
                f"{self.folder} belongs to somebody else: start as its owner, or choose another "
                "folder with --home."
            ) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the folder for one supervisor; the lock ends with the process, however it ends."""
        with self._lock_file.open("a+") as lock:
            if not _lock(lock):
                raise AlreadyRunning(self._where_it_runs())
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def supervisor_pid(self) -> int | None:
        """The supervisor that holds this folder now, if any."""
        if not self._lock_file.exists():
            return None
        with self._lock_file.open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                text = lock.read().strip()
                return int(text) if text.isdigit() else None
        return None

    def ports(self) -> Ports:
        """The ports that the last start chose."""
        known = read_json(self.settings_file).get("ports", {})
        return Ports(**known)

    def status(self) -> dict[str, Any]:
        """What the supervisor wrote last."""
        return read_json(self.status_file)

    def _where_it_runs(self) -> str:
        pid = self.supervisor_pid()
        return (
            f"The system already runs in {self.folder} (supervisor process {pid}, console at "
            f"{self.ports().url('console')}): use it, or stop it with `scrutiny down`."
        )


def _lock(file: IO[str]) -> bool:
    """Takes the lock; tries again for a moment, because a look at it takes it as well."""
    for _ in range(6):
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.05)
    return False


def read_json(path: Path) -> dict[str, Any]:
    """A small file of ours; a missing one is empty, an unreadable one is damage."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise DamagedFolder(f"{path} is damaged: put it back from a copy.") from error
    if not isinstance(found, dict):
        raise DamagedFolder(f"{path} is damaged: put it back from a copy.")
    return found


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replaces a file whole, readable by its owner alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content, indent=1))
    fresh.replace(path)
