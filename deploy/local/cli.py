"""The command `scrutiny`: start, look at, stop and empty a local system, and talk to it."""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.local import words
from deploy.local.addresses import SERVICES, Ports
from deploy.local.failures import AlreadyRunning, NotRunning, StackFailure
from deploy.local.home import Home, default_home
from deploy.local.parked import parked
from deploy.local.plan import Plan
from deploy.local.probe import is_ready
from deploy.local.run import run_apart, run_here, stop
from deploy.local.tokens import mint

app = typer.Typer(
    help="Strategic Scrutiny on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(parked, name="parked")

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="state folder; by default .scrutiny", show_default=False),
]
PortBase = Annotated[
    int | None,
    typer.Option(
        envvar="SCRUTINY_PORT_BASE", min=1024, max=65000, help="use nine ports from here on"
    ),
]


@app.command()
def up(
    home: HomeOption = None,
    port_base: PortBase = None,
    detach: Annotated[bool, typer.Option(help="go on in the background")] = False,
    bus: Annotated[str | None, typer.Option(help="host:port of a Kafka that exists")] = None,
    database: Annotated[
        str | None,
        typer.Option(help="URL of a PostgreSQL that exists, as one who may create roles"),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="a service that you run yourself; repeatable")
    ] = None,
) -> None:
    """Start everything, and stay until Ctrl-C."""
    state = _home(home)
    ports = Ports.from_base(port_base) if port_base else state.ports()
    plan = Plan(state, ports, bus, database, _known(without or []))
    words.console.print(f"Starting in {state.folder}")
    if detach:
        run_apart(plan, port_base, words.step)
        words.show_running(state)
    else:
        run_here(plan, words.step, lambda: words.show_running(state))
        words.console.print("Stopped.")


@app.command()
def status(home: HomeOption = None) -> None:
    """Say how every process is doing; exit code 0 when all of them are ready."""
    state = _home(home)
    if state.supervisor_pid() is None:
        failure = state.status().get("failure")
        last = f" The last start failed: {failure}" if failure else ""
        raise NotRunning(f"Nothing runs in {state.folder}.{last}")
    ready = asyncio.run(_ready(state))
    words.show_status(state, ready)
    supervised = state.status()
    states = {child["state"] for child in supervised["children"]}
    if supervised["state"] != "running" or states != {"ready"} or not all(ready.values()):
        raise typer.Exit(1)


@app.command()
def down(home: HomeOption = None) -> None:
    """Stop everything and wait until it has stopped."""
    stop(_home(home))
    words.console.print("Stopped.")


@app.command()
def reset(
    home: HomeOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Remove all data, keys, mails and logs of this state folder."""
    state = _home(home)
    if state.supervisor_pid() is not None:
        raise AlreadyRunning(f"The system runs in {state.folder}: stop it first (scrutiny down).")
    if not state.folder.exists():
        words.console.print("There is nothing to remove.")
        return
    if not yes:
        typer.confirm(f"Remove everything in {state.folder}?", abort=True)
    shutil.rmtree(state.folder)
    words.console.print(f"Removed {state.folder}.")


@app.command()
def token(
    role: Annotated[
        str, typer.Argument(help="notifier, strategic-inspector, support-officer, ...")
    ],
    area: Annotated[list[str] | None, typer.Option(help="GSS code; repeatable")] = None,
    organisation: Annotated[str | None, typer.Option(help="whom the person works for")] = None,
    home: HomeOption = None,
) -> None:
    """Print one bearer token and nothing else."""
    print(mint(_home(home), role, area or [], organisation))


async def _ready(state: Home) -> dict[str, bool]:
    ports = state.ports()
    supervised = [child["name"] for child in state.status()["children"]]
    services = [name for name in supervised if name in SERVICES]
    answers = await asyncio.gather(*(is_ready(ports.of(service)) for service in services))
    return dict(zip(services, answers, strict=True))


def _known(services: list[str]) -> tuple[str, ...]:
    for service in services:
        if service not in SERVICES:
            raise StackFailure(f"There is no service {service!r}: {', '.join(SERVICES)}.")
    return tuple(services)


def _home(chosen: Path | None) -> Home:
    return Home(chosen or default_home())


def main() -> None:
    """Runs the command; what a person can put right is one sentence and an exit code."""
    code: object = 0
    try:
        app()
    except StackFailure as failure:
        words.refuse(str(failure))
        code = failure.exit_code
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    # At once: a download that is still under way must not hold up a Ctrl-C.
    os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
