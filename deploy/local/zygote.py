"""One process imports what every service needs, once; each service is a fork of it.

Five Python processes would each take seconds of processor time to import the same libraries and
hold a copy of their own; forks start at once and share those pages. The supervisor speaks to it
over a socket, one JSON object a line:

    it is asked {"start": number, "argv": [module, argument...], "env": {...}, "log": path}
    it answers {"started": number, "pid": n}, and later {"ended": n, "code": n}
    it is asked {"signal": number, "pid": n}
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from importlib import import_module
from typing import Any

from deploy.local.processes import die_with_parent, kill_group

PRELOADED = (
    "aiokafka",
    "alembic.operations",
    "asyncpg",
    "granian.server.embed",
    "httpx",
    "jinja2",
    "joserfc.jwt",
    "litestar",
    "msgspec",
    "obstore.store",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk.trace.export",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlmodel",
    "structlog",
    "shared.migrations",
    "shared.process",
    "shared.worker",
)


class Zygote:
    """Forks services on request and says when each has ended."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._woken, self._waker = socket.socketpair()
        self._children: set[int] = set()
        self._unread = b""

    def serve(self) -> None:
        """Works until the supervisor goes away; then takes every child along."""
        self._waker.setblocking(False)
        signal.set_wakeup_fd(self._waker.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for module in PRELOADED:
            import_module(module)
        gc.collect()
        # What is here now stays shared: the collector of a fork must not touch (and copy) it.
        gc.freeze()
        self._say({"ready": os.getpid()})
        while self._turn():
            pass
        for pid in self._children:
            kill_group(pid)

    def _turn(self) -> bool:
        readable, _, _ = select.select([self._channel, self._woken], [], [])
        if self._woken in readable:
            self._woken.recv(4096)
            self._reap()
        return self._channel not in readable or self._listen()

    def _listen(self) -> bool:
        received = self._channel.recv(65536)
        *requests, self._unread = (self._unread + received).split(b"\n")
        for request in requests:
            self._obey(json.loads(request))
        return bool(received)

    def _obey(self, request: dict[str, Any]) -> None:
        if "start" in request:
            pid = self._fork(request)
            self._children.add(pid)
            self._say({"started": request["start"], "pid": pid})
        elif request["pid"] in self._children:
            # Only a child that has not been reaped: its number cannot belong to anybody else.
            os.kill(request["pid"], request["signal"])

    def _reap(self) -> None:
        for pid in tuple(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._children.discard(pid)
                kill_group(pid)
                self._say({"ended": pid, "code": os.waitstatus_to_exitcode(status)})

    def _say(self, message: dict[str, Any]) -> None:
        self._channel.sendall(json.dumps(message).encode() + b"\n")

    def _fork(self, request: dict[str, Any]) -> int:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            code = 1
            # Whatever happens in it, a fork must never return into its parent's loop.
            try:
                self._become_child(parent, request)
                code = _run(request["argv"])
            except BaseException:  # noqa: BLE001
                traceback.print_exc()
            finally:
                _leave(code)
        return pid

    def _become_child(self, parent: int, request: dict[str, Any]) -> None:
        die_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for ours in (self._channel, self._woken, self._waker):
            ours.close()
        os.environ.clear()
        os.environ.update(request["env"])
        _write_to(request["log"])


def _write_to(log: str) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.close(output)


def _run(argv: list[str]) -> int:
    sys.argv = list(argv)
    try:
        runpy.run_module(argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return int(end.code or 0)
    return 0


def _leave(code: int) -> None:
    # What `sys.exit` does, but for the frames of the zygote below us.
    atexit._run_exitfuncs()  # noqa: SLF001
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    Zygote(socket.socket(fileno=int(sys.argv[1]))).serve()
