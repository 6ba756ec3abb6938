"""One process that sweeps and sends mails by a clock it is shown, until it is killed.

It is the worker's own sweeper and mailer; only the clock is another: a file that all share.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from services.deadlines.entrypoints.envelopes import Post
from services.deadlines.entrypoints.mailer import Mailer
from services.deadlines.entrypoints.sweeper import Sweeper
from services.deadlines.outside.directory import Directory
from services.deadlines.outside.mail_folder import MailFolder
from services.deadlines.storage.rulebook_files import load_rulebook
from services.deadlines.storage.tables import PLUMBING
from services.deadlines.use_cases import take_owed_mails
from shared.database import Database
from shared.timer import Timer
from shared.transaction import Transactions
from tests.chaos.reminder_variants import VARIANTS

# A new process is a copy of one that has read all modules, and begins to work at once.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
PAUSE_SECONDS = 0.05
POST = Post("us@example.org", "support@example.org", "http://console.example.org")


@dataclass(frozen=True, slots=True)
class Orders:
    """Where everything is, for how long a mail is claimed, and what is broken about the process."""

    database: str
    folder: str
    directory: str
    token: str
    claimed_seconds: float
    variant: str | None = None


class ShownClock:
    """A clock that all processes read, and one may turn forwards and back."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / "clock"

    def __call__(self) -> datetime:
        return datetime.fromisoformat(self._file.read_text())

    def show(self, now: datetime) -> None:
        """Turn it; nobody ever reads half of an instant."""
        half = self._file.with_suffix(".half")
        half.write_text(now.isoformat())
        half.replace(self._file)

    def swept(self, process: int, at: datetime) -> None:
        """Note that a process has swept at a time that it was shown."""
        (self._folder / f"swept-{process}").write_text(at.isoformat())

    def has_swept(self, process: int, at: datetime) -> bool:
        """Whether a process has done so."""
        mark = self._folder / f"swept-{process}"
        return mark.exists() and mark.read_text() == at.isoformat()


class CountingFolder(MailFolder):
    """The folder of an embedded system, which also notes each time a mail was sent."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "mails")
        self._log = folder / "sent.log"

    async def send(self, message: EmailMessage, *, again: bool = False) -> None:
        """Send it, then note it."""
        await super().send(message, again=again)
        with self._log.open("a") as log:
            log.write(f"{message['Message-ID']}\n")


def remind(orders: Orders) -> None:
    """Sweep and send for ever."""
    take_owed_mails.CLAIMED_FOR = timedelta(seconds=orders.claimed_seconds)
    asyncio.run(_remind(orders))


async def _remind(orders: Orders) -> None:
    folder, database = Path(orders.folder), Database(orders.database, pool_size=4)
    clock: Callable[[], datetime] = ShownClock(folder)
    if orders.variant:
        clock = VARIANTS[orders.variant](clock)
    rulebook, transactions = load_rulebook(), Transactions(database, PLUMBING, "deadlines", clock)
    client = httpx.AsyncClient(base_url=orders.directory, headers=_signed(orders), timeout=10)
    mailer = Mailer(transactions, rulebook, Directory(client), CountingFolder(folder), POST, clock)
    sweeper = Sweeper(transactions, rulebook, clock)
    await Timer("sweeper", PAUSE_SECONDS, partial(_sweep, sweeper, ShownClock(folder))).start()
    await Timer("mailer", PAUSE_SECONDS, mailer.send_owed).start()
    await asyncio.Event().wait()


async def _sweep(sweeper: Sweeper, shown: ShownClock) -> None:
    at = shown()
    await sweeper.sweep()
    shown.swept(os.getpid(), at)


def _signed(orders: Orders) -> dict[str, str]:
    return {"Authorization": orders.token}


def started(orders: Orders, **changed: Any) -> Any:
    """A new process at work."""
    process = PROCESSES.Process(target=remind, args=(replace(orders, **changed),), daemon=True)
    process.start()
    return process
