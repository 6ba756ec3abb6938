"""Which span must follow from which, in every journey; read from the console's own store."""

from collections.abc import Callable, Iterator

import pytest

from shared.telemetry import MAIL_ID, REFERENCE
from tests.system.chain import Chain
from tests.system.journeys import JOURNEYS, PARTNER, Journey, by_http, due_soon
from tests.system.stored import execute
from tests.system.traces import Edge, Span, Trace, spans_about, trace
from tests.system.waiting import until

NOTIFY = "intake server POST /notifications"
REPORT = "intake server POST /notifications/{reference}/reports"
DECIDE = "intake server POST /notifications/{reference}/decisions"
FROM_PARTNER = "intake consumer process partner.fife.notifications.v1"
TO_PARTNER = "intake producer send partner.fife.receipts.v1"
SEND_CASE = "intake producer send intake.notifications.v1"
TAKE_CASE = "deadlines consumer process intake.notifications.v1"
SEND_CLOCK = "deadlines producer send deadlines.clocks.v1"
TAKE_CLOCK = "intake consumer process deadlines.clocks.v1"
MAIL = "deadlines producer mail"
SWEEP = "deadlines internal sweep"
ASK_AREA = "deadlines client GET"
AREA = "directory server GET /areas/{gss_code}"
APPOINT = "directory server POST /appointments"
SEND_APPOINTMENT = "directory producer send directory.appointments.v1"
TAKE_APPOINTMENT = "inspections consumer process directory.appointments.v1"
PLAN = "inspections server POST /inspections"

CLOCKS: set[Edge] = {
    (SEND_CASE, TAKE_CASE),
    (TAKE_CASE, "deadlines client SELECT"),
    (TAKE_CASE, "deadlines client INSERT"),
    (TAKE_CASE, SEND_CLOCK),
    (SEND_CLOCK, TAKE_CLOCK),
    (TAKE_CLOCK, "intake client INSERT"),
}
MAILED: set[Edge] = {
    (MAIL, ASK_AREA),
    (ASK_AREA, AREA),
    (AREA, "directory client SELECT"),
    (MAIL, "deadlines client UPDATE"),
    (MAIL, SEND_CLOCK),
}
SWEPT: set[Edge] = {
    (TAKE_CASE, SWEEP),
    (SWEEP, "deadlines client UPDATE"),
    (SWEEP, SEND_CLOCK),
    (SWEEP, MAIL),
}
# Every edge that a journey must show; it may show more.
MATRIX: dict[str, set[Edge]] = {
    "notified over HTTP": {
        (NOTIFY, "intake client INSERT"),
        (NOTIFY, SEND_CASE),
        (TAKE_CASE, MAIL),
        *CLOCKS,
        *MAILED,
    },
    "notified by a partner": {
        (PARTNER, FROM_PARTNER),
        (FROM_PARTNER, "intake client INSERT"),
        (FROM_PARTNER, TO_PARTNER),
        (FROM_PARTNER, SEND_CASE),
        (TAKE_CASE, MAIL),
        *CLOCKS,
        *MAILED,
    },
    "due soon": {(NOTIFY, SEND_CASE), *CLOCKS, *SWEPT, *MAILED},
    "overdue": {(NOTIFY, SEND_CASE), *CLOCKS, *SWEPT, *MAILED},
    "report handed in": {
        (REPORT, "intake client INSERT"),
        (REPORT, SEND_CASE),
        (TAKE_CASE, "deadlines client UPDATE"),
        *(CLOCKS - {(TAKE_CASE, "deadlines client INSERT")}),
    },
    "decision recorded": {
        (DECIDE, "intake client INSERT"),
        (DECIDE, SEND_CASE),
        *(CLOCKS - {(TAKE_CASE, "deadlines client INSERT")}),
    },
    "inspector appointed": {
        (APPOINT, "directory client INSERT"),
        (APPOINT, SEND_APPOINTMENT),
        (SEND_APPOINTMENT, TAKE_APPOINTMENT),
        (TAKE_APPOINTMENT, "inspections client INSERT"),
    },
    "inspection planned": {
        (PLAN, "inspections client INSERT"),
        (PLAN, "inspections producer send inspections.inspections.v1"),
    },
}
# Who serves others, or is only a statement, does not know what it is about.
KNOWS_NO_REFERENCE = ("client", "server GET")


@pytest.mark.parametrize("name", MATRIX)
def test_a_journey_shows_every_edge_of_the_matrix(chain: Chain, name: str) -> None:
    made = JOURNEYS[name](chain)
    shown = until(lambda: _whole(chain, made, MATRIX[name]), why=lambda: _gaps(chain, made, name))
    assert [span.node for span in shown.nodes(MATRIX[name]) if _silent(span, made)] == []


@pytest.mark.parametrize(
    ("service", "table", "lost"),
    [
        ("intake", "outbox", (SEND_CASE, TAKE_CASE)),
        ("deadlines", "outbox", (SEND_CLOCK, TAKE_CLOCK)),
        ("deadlines", "mails", (MAIL, ASK_AREA)),
    ],
)
def test_a_journey_whose_stored_context_is_dropped_does_not_pass(
    chain: Chain, forgetful: Callable[[str, str], None], service: str, table: str, lost: Edge
) -> None:
    forgetful(service, table)
    made = by_http(chain)
    chain.told(made.reference)
    _until_all_arrived(chain, made)
    missing = MATRIX["notified over HTTP"] - _trace(chain, made).edges
    assert lost in missing


def test_mails_and_reminders_say_which_mail_and_which_case(chain: Chain) -> None:
    made = due_soon(chain)
    shown = until(lambda: _whole(chain, made, SWEPT))
    mails = {str(span.attributes[MAIL_ID]) for span in shown.spans if span.node == MAIL}
    assert {mail.split(".")[0].strip("<") for mail in mails} == {"notification", "due-soon"}
    assert all(made.reference in mail for mail in mails)


@pytest.fixture
def forgetful(chain: Chain) -> Iterator[Callable[[str, str], None]]:
    """Makes a service forget the trace of every row that it writes into a table."""
    made: list[tuple[str, str]] = []

    def forget(service: str, table: str) -> None:
        made.append((service, table))
        execute(
            chain.system,
            service,
            """CREATE OR REPLACE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
               $$ BEGIN NEW.traceparent := NULL; RETURN NEW; END $$""",
            f"""CREATE TRIGGER forget BEFORE INSERT ON {table}
                FOR EACH ROW EXECUTE FUNCTION forget()""",
        )

    yield forget
    for service, table in made:
        execute(chain.system, service, f"DROP TRIGGER forget ON {table}", "DROP FUNCTION forget")


def _trace(chain: Chain, made: Journey) -> Trace:
    return trace(chain.system, made.trace_id, made.outside)


def _whole(chain: Chain, made: Journey, wanted: set[Edge]) -> Trace | None:
    shown = _trace(chain, made)
    return shown if wanted <= shown.edges else None


def _gaps(chain: Chain, made: Journey, name: str) -> list[Edge]:
    return sorted(MATRIX[name] - _trace(chain, made).edges)


def _silent(span: Span, made: Journey) -> bool:
    """Whether a span does not say what it is about, although it knows."""
    if f"{span.kind} {span.name}".startswith(KNOWS_NO_REFERENCE):
        return False
    return span.attributes.get(REFERENCE) != made.reference


def _until_all_arrived(chain: Chain, made: Journey) -> None:
    """Every child that the matrix names has reached the console, in whatever trace."""
    wanted = {node for edge in MATRIX["notified over HTTP"] for node in edge}
    about = {node for node in wanted if node.split(" ", 1)[1].startswith(("producer", "consumer"))}
    until(lambda: about <= {span.node for span in spans_about(chain.system, made.reference)})
