"""`scrutiny parked`: look at messages that could not be applied, try again, or give up."""

import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local.addresses import SERVICES
from deploy.local.failures import NotRunning, StackFailure
from deploy.local.home import Home, default_home
from deploy.local.tokens import mint
from deploy.local.words import console

ANSWER_SECONDS = 30
COLUMNS = ("id", "state", "topic", "type", "reason", "attempts", "parked_at")

parked = typer.Typer(help="Messages that could not be applied.", no_args_is_help=True)

HomeOption = Annotated[Path | None, typer.Option("--home", help="state folder")]
Service = Annotated[str, typer.Argument(help="intake, deadlines, directory or inspections")]
Message = Annotated[str, typer.Argument(help="the id that `scrutiny parked list` shows")]


@parked.command("list")
def list_all(
    service: Annotated[
        str | None, typer.Argument(help="one service; all of them if left out")
    ] = None,
    settled: Annotated[
        bool, typer.Option("--all", help="also what was redriven or discarded")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Show what is parked."""
    lines = [
        "\t".join((name, *(str(item.get(column) or "-") for column in COLUMNS)))
        for name in ([service] if service else [one for one in SERVICES if one != "console"])
        for item in _items(_home(home), name, settled=settled)
    ]
    # Plain tabs, so that other programs can read it.
    print(
        "\n".join(["\t".join(("service", *COLUMNS)), *lines] if lines else ["Nothing is parked."])
    )


@parked.command()
def show(service: Service, message: Message, home: HomeOption = None) -> None:
    """Show one message: where it came from, why it is parked, and its shape."""
    console.print_json(data=_ask(_home(home), service, f"/parked/{_quoted(message)}"))


@parked.command()
def redrive(service: Service, message: Message, home: HomeOption = None) -> None:
    """Try it again, and then what waits behind it."""
    path = f"/parked/{_quoted(message)}/redrive"
    console.print_json(data=_ask(_home(home), service, path, {}))


@parked.command()
def discard(
    service: Service,
    message: Message,
    reason: Annotated[str, typer.Option(help="why it may be given up; kept for ever")],
    home: HomeOption = None,
) -> None:
    """Give it up for good, with a reason."""
    path = f"/parked/{_quoted(message)}/discard"
    console.print_json(data=_ask(_home(home), service, path, {"reason": reason}))


def _items(home: Home, service: str, *, settled: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        asked = {"waiting": "false" if settled else "true"} | ({"cursor": cursor} if cursor else {})
        query = urllib.parse.urlencode(asked)
        page = _ask(home, service, f"/parked?{query}")
        found += page["items"]
        cursor = page.get("next")
        if not cursor:
            return found


def _ask(home: Home, service: str, path: str, body: dict[str, Any] | None = None) -> Any:
    if service not in SERVICES:
        raise StackFailure(f"There is no service {service!r}: choose one of {', '.join(SERVICES)}.")
    request = urllib.request.Request(  # noqa: S310  (an address of ours)
        home.ports().url(service) + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {mint(home, 'operator')}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise StackFailure(f"{service} refused: {_problem(error)}") from error
    except OSError as error:
        raise NotRunning(f"{service} does not answer at {home.ports().url(service)}.") from error


def _problem(error: urllib.error.HTTPError) -> str:
    try:
        told = json.load(error)
    except ValueError:
        return f"HTTP {error.code}"
    return str(told.get("detail") or told.get("title") or f"HTTP {error.code}")


def _quoted(message: str) -> str:
    return urllib.parse.quote(message, safe="")


def _home(chosen: Path | None) -> Home:
    return Home(chosen or default_home())
