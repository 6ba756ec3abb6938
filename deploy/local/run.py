"""Runs a supervisor in this process, or in one of its own that outlives the command."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from deploy.local.failures import NotReady, NotRunning, StackFailure
from deploy.local.home import CHECKOUT, Home, write_json
from deploy.local.plan import Plan, make_ready
from deploy.local.processes import tail
from deploy.local.supervisor import Supervisor

STOP_SECONDS = 12
START_SECONDS = 180

Say = Callable[[str], None]


def run_here(plan: Plan, on_step: Say, on_running: Callable[[], None]) -> None:
    """Starts everything, stays until told to stop, and leaves no process."""
    plan.home.make()
    with plan.home.held():
        try:
            make_ready(plan)
            asyncio.run(_supervise(plan, on_step, on_running))
        except StackFailure as failure:
            told = {"state": "failed", "failure": str(failure), "exit_code": failure.exit_code}
            write_json(plan.home.status_file, told)
            raise


async def _supervise(plan: Plan, on_step: Say, on_running: Callable[[], None]) -> None:
    await Supervisor(plan, on_step).run(on_running)


def run_apart(plan: Plan, port_base: int | None, on_step: Say) -> None:
    """Starts a supervisor that goes on alone; returns once everything is ready."""
    home = plan.home
    home.make()
    with home.held():
        # Held for a moment: a second start is refused here, where somebody can read why.
        home.status_file.unlink(missing_ok=True)
    log = home.logs / "supervisor.log"
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.cli", *_arguments(plan, port_base)],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _follow(home, child, on_step)
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise


def _arguments(plan: Plan, port_base: int | None) -> list[str]:
    chosen = {
        "--home": plan.home.folder,
        "--port-base": port_base,
        "--bus": plan.bus,
        "--database": plan.database,
    }
    given = [(name, str(value)) for name, value in chosen.items() if value is not None]
    given += [("--without", service) for service in plan.without]
    return ["up", *(part for option in given for part in option)]


def _follow(home: Home, child: "subprocess.Popen[bytes]", on_step: Say) -> None:
    told = 0
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        status = home.status()
        for step in status.get("steps", [])[told:]:
            on_step(step)
            told += 1
        if status.get("state") == "running":
            return
        if child.poll() is not None:
            raise _why_it_ended(home)
        time.sleep(0.05)
    child.terminate()
    raise NotReady(f"The system did not become ready within {START_SECONDS} seconds.")


def _why_it_ended(home: Home) -> StackFailure:
    status = home.status()
    log = home.logs / "supervisor.log"
    failure = StackFailure(status.get("failure") or f"{tail(log)} (more in {log})")
    failure.exit_code = status.get("exit_code", 1)
    return failure


def stop(home: Home) -> None:
    """Asks the supervisor of this folder to stop and returns when it has."""
    pid = home.supervisor_pid()
    if pid is None:
        raise NotRunning(f"Nothing runs in {home.folder}.")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while home.supervisor_pid() == pid:
        if time.monotonic() > deadline:
            # Its children die with it.
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
