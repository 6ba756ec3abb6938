"""Starting and stopping child processes so that none is ever left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(with_signal: signal.Signals = signal.SIGKILL) -> None:
    """From now on this process gets `with_signal` when the thread that started it ends (Linux)."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)


def launch(
    command: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    before: Callable[[], None] | None = None,
    orphan_signal: signal.Signals = signal.SIGKILL,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts `command` in a process group of its own, writing to `log`; call from the main thread.

    The child gets `orphan_signal` when this process dies, however it dies. Of our open files it
    has those in `keep` and no others.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(os.environ if environment is None else environment),
            cwd=folder,
            start_new_session=True,
            pass_fds=keep,
            preexec_fn=_in_child(before, orphan_signal),  # noqa: PLW1509  (only system calls)
        )


def tool(
    command: Sequence[str], folder: Path, *, before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """Starts a command that is done soon; what it says is read with `communicate`."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        start_new_session=True,
        preexec_fn=_in_child(before, signal.SIGKILL),  # noqa: PLW1509  (only system calls)
    )


def _in_child(
    before: Callable[[], None] | None, orphan_signal: signal.Signals
) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if before is not None:
            before()
        # After `before`: a change of user clears the death signal.
        die_with_parent(orphan_signal)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def ask_to_stop(pid: int, with_signal: signal.Signals = signal.SIGTERM) -> None:
    """Sends a signal to a process that may have gone already."""
    try:
        os.kill(pid, with_signal)
    except ProcessLookupError:
        return


def kill_group(pid: int) -> None:
    """Ends the process group led by `pid` at once."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def stop(
    process: subprocess.Popen[Any],
    *,
    within: float,
    with_signal: signal.Signals = signal.SIGTERM,
) -> None:
    """Asks, waits, and after `within` seconds kills the whole process group."""
    if process.poll() is None:
        ask_to_stop(process.pid, with_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(within)
    kill_group(process.pid)
    process.wait()


def wait_until(
    ready: Callable[[], bool], *, within: float, alive: Callable[[], bool], every: float = 0.03
) -> bool:
    """Polls `ready` until it holds; gives up when `alive` does not or the time is over."""
    deadline = time.monotonic() + within
    while not ready():
        if not alive() or time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def size(log: Path) -> int:
    """How long a log is now: what comes later is this start's."""
    return log.stat().st_size if log.exists() else 0


def tail(log: Path, containing: str = "", *, since: int = 0) -> str:
    """The last line after `since` bytes that contains a word, for a failure's sentence."""
    if not log.exists():
        return ""
    # A log that was cut meanwhile is read from its beginning.
    text = log.read_bytes()[since if since <= size(log) else 0 :].decode(errors="replace")
    found = [line for line in text.splitlines() if containing in line]
    return found[-1].strip() if found else ""
