"""The journeys whose traces are looked at: each is made for real, and says what to look for."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.system.chain import Chain
from tests.system.partner import Partner
from tests.system.personal import FIFE, notification
from tests.system.stored import execute

PARTNER = "the partner's own span"


@dataclass(frozen=True)
class Journey:
    """One that was made: its trace, its subject, and the spans that others made."""

    trace_id: str
    reference: str
    outside: dict[str, str] = field(default_factory=dict)


def by_http(chain: Chain) -> Journey:
    """Somebody notifies a death."""
    answer = chain.notify()
    return Journey(answer.headers["X-Trace-Id"], answer.json()["reference"])


def by_partner(chain: Chain) -> Journey:
    """A partner's system notifies a death, inside a trace of its own."""
    trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
    fife = Partner(chain.system)
    sent = fife.submit(notification(), traceparent=f"00-{trace_id}-{span_id}-01")
    reference = fife.receipt(sent).body["reference"]
    fife.close()
    return Journey(trace_id, reference, {span_id: PARTNER})


def due_soon(chain: Chain) -> Journey:
    """A case comes near a deadline."""
    made = by_http(chain)
    chain.told(made.reference)
    let_days_pass(chain, [made.reference], 23)
    chain.timeline_with(made.reference, "clock.due-soon")
    return made


def overdue(chain: Chain) -> Journey:
    """A case passes a deadline."""
    made = due_soon(chain)
    let_days_pass(chain, [made.reference], 10)
    chain.timeline_with(made.reference, "clock.overdue")
    return made


def report(chain: Chain) -> Journey:
    """A report is handed in."""
    reference = chain.notified()
    answer = chain.hand_in(reference, "report", "report.pdf", b"%PDF")
    return Journey(answer.headers["X-Trace-Id"], reference)


def decision(chain: Chain) -> Journey:
    """A decision is recorded."""
    reference = chain.notified()
    return Journey(chain.decide(reference, "learning-review").headers["X-Trace-Id"], reference)


def appointment(chain: Chain) -> Journey:
    """Somebody stands in as link inspector."""
    officer = chain.as_("support-officer")
    person = {"name": "Sample Cover", "mailbox": "cover@example.org"}
    known = chain.post("directory", "/people", json=person, headers=officer).json()
    cover = {"person": known["id"], "role": "link-inspector", "area": "S12000036"}
    cover |= {"starts_on": "2031-01-06", "ends_on": "2031-01-20", "kind": "cover"}
    answer = chain.post("directory", "/appointments", json=cover, headers=officer)
    assert answer.status_code == 201, answer.text
    return Journey(answer.headers["X-Trace-Id"], answer.json()["id"])


def inspection(chain: Chain) -> Journey:
    """A joint inspection is planned."""
    elements = [{"name": "Social work", "bodies": ["care-inspectorate"]}]
    plan = {"theme": "adult-support-and-protection", "scope": "local", "areas": [FIFE]}
    plan |= {"starts_on": "2031-05-01", "ends_on": "2031-05-29", "elements": elements}
    officer = chain.as_("support-officer")
    answer = chain.post("inspections", "/inspections", json=plan, headers=officer)
    assert answer.status_code == 201, answer.text
    return Journey(answer.headers["X-Trace-Id"], answer.json()["reference"])


JOURNEYS: dict[str, Callable[[Chain], Journey]] = {
    "notified over HTTP": by_http,
    "notified by a partner": by_partner,
    "due soon": due_soon,
    "overdue": overdue,
    "report handed in": report,
    "decision recorded": decision,
    "inspector appointed": appointment,
    "inspection planned": inspection,
}


def let_days_pass(chain: Chain, references: list[str], days: int) -> None:
    """As if all that is known of the cases had happened so much earlier; the sweeper sees it.

    Nobody but a test changes facts behind the service's back: they are marked so that the sweeper
    replays them, as it does where its last look failed, and does not go by what it has recorded.
    """
    earlier = " || ".join(
        f"""jsonb_build_object('{name}', to_char((facts ->> '{name}')::timestamptz
            AT TIME ZONE 'UTC' - interval '{days} days', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))"""
        for name in ("occurred_at", "aware_at", "received_at")
    )
    named = ", ".join(f"'{reference}'" for reference in references)
    execute(
        chain.system,
        "deadlines",
        f"""UPDATE cases SET facts = facts || {earlier}, next_act_at = clock_timestamp(),
            stuck_since = clock_timestamp(), begun_at = begun_at - interval '{days} days'
            WHERE reference IN ({named})""",
    )
