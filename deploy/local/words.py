"""What the commands show to people: steps, the table of addresses, lines ready to paste."""

import json
import shlex

from rich.console import Console

from deploy.local.addresses import SERVICES
from deploy.local.home import CHECKOUT, Home, read_json
from deploy.local.keys import secret_of
from deploy.local.tokens import mint

FIFE = "S12000047"
PARTNER = "fife"
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

NOTIFICATION = {
    "kind": "death-looked-after-child",
    "area": FIFE,
    "occurred_at": "2026-11-20T09:30:00+00:00",
    "aware_at": "2026-11-20T10:15:00+00:00",
    "notifier": {
        "organisation": "Fife Council",
        "name": "Sample Notifier",
        "role": "Social work team manager",
        "email": "notifier@example.org",
    },
    "subject": {"name": "Sample Child", "date_of_birth": "2012-04-02"},
    "details": {
        "legal_basis": "Children's Hearings (Scotland) Act 2011, compulsory supervision order",
        "residing_at_death": "with foster carers",
    },
}


COMMAND = CHECKOUT / ".venv" / "bin" / "scrutiny"
_ROW = "{:<13}{:<15}{:<9}{:<10}{}"
JSON = "-H 'Content-Type: application/json'"
ONCE = '-H "Idempotency-Key: $(date +%s%N)"'


def step(text: str) -> None:
    """One thing is done."""
    console.print(f"  [green]✓[/green] {text}")


def refuse(text: str) -> None:
    """One sentence that says what went wrong."""
    errors.print(f"[red]✗[/red] {text}")


def show_running(home: Home) -> None:
    """Where everything is, and how to try it."""
    console.print()
    for name, where, what in _places(home):
        console.print(f"  [bold]{name:<12}[/bold]{where:<44}[dim]{what}[/dim]")
    console.print()
    for line in examples(home):
        console.print(line, markup=False)
    console.print("\nStop with Ctrl-C or `scrutiny down`.")


def show_status(home: Home, ready: dict[str, bool]) -> None:
    """Every child with its state, and what the supervisor has to say about it."""
    console.print(_ROW.format("name", "state", "process", "restarts", "note"))
    for child in home.status().get("children", []):
        state = child["state"]
        if state == "ready" and not ready.get(child["name"], True):
            state = "up, not ready"
        told = (child["name"], state, child["pid"] or "", child["restarts"], child["note"])
        console.print(_ROW.format(*told), markup=False)


def examples(home: Home) -> list[str]:
    """Lines for a shell that notify a death in Fife, over HTTP and as a partner, and look."""
    ports = home.ports()
    body = shlex.quote(json.dumps(NOTIFICATION))
    intake, deadlines = ports.url("intake"), ports.url("deadlines")
    bearer = '-H "Authorization: Bearer $TOKEN"'
    lines = [
        "# Notify the death of a looked-after child in Fife, then read its clocks:",
        f"TOKEN={mint(home, 'notifier', [FIFE], 'Fife Council')}",
        f"ANSWER=$(curl -s {bearer} {JSON} {ONCE} -d {body} {intake}/notifications)",
        'echo "$ANSWER"',
        f"TOKEN={mint(home, 'strategic-inspector', [FIFE])}",
        'REFERENCE=$(echo "$ANSWER" | cut -d \'"\' -f 4)',
        "sleep 1  # its clocks start as soon as the bus has brought it to deadlines",
        f'curl -s {bearer} "{deadlines}/clocks?reference=$REFERENCE"',
    ]
    return lines + ([] if read_json(home.settings_file).get("bus") else _partner_lines(home))


def _partner_lines(home: Home) -> list[str]:
    body = shlex.quote(json.dumps(NOTIFICATION))
    sign_in = (
        f"-b 127.0.0.1:{home.ports().partners} -X security.protocol=SASL_PLAINTEXT "
        f"-X sasl.mechanisms=PLAIN -X sasl.username={PARTNER} "
        f"-X sasl.password={secret_of(home, 'partners', PARTNER)}"
    )
    topic = f"partner.{PARTNER}"
    headers = (
        '-H ce_specversion=1.0 -H "ce_id=$(date +%s%N)" -H ce_source=fife '
        "-H ce_type=scot.scrutiny.notification.submitted.v1 -H content-type=application/json"
    )
    return [
        "",
        "# The same as the partner system of Fife, then read what it was answered:",
        f"echo {body} | kcat -P {sign_in} -t {topic}.notifications.v1 -k case-1 {headers}",
        "sleep 1",
        f"kcat -C {sign_in} -t {topic}.receipts.v1 -o beginning -e",
    ]


def _places(home: Home) -> list[tuple[str, str, str]]:
    ports = home.ports()
    settings = read_json(home.settings_file)
    rows = [("console", ports.url("console"), "pages, sign-in, traces")]
    rows += [(one, ports.url(one), "API; its pages at /schema") for one in SERVICES[:4]]
    rows.append(("bus", settings.get("bus") or f"127.0.0.1:{ports.bus}", "Apache Kafka"))
    if not settings.get("external"):
        rows.append(("database", f"127.0.0.1:{ports.database}", "PostgreSQL"))
    rows.append(("mails", str(home.mails), "one file each; the console shows them too"))
    rows.append(("logs", str(home.logs), "one file for each process"))
    rows.append(("tokens", f"{COMMAND} token ROLE \\[--area GSS]...", "prints one bearer token"))
    return rows
