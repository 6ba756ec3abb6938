"""One journey is one trace, from the request to the last effect, whoever else is busy.

Attack: journeys of every kind, a thousand side by side (ten thousand in full): notified over HTTP
and by a partner, due soon, overdue, a report, a decision, an appointment, an inspection. Each must
show every parent and child that the matrix below names, read from the console's own store (what was
done for many messages in one statement is linked from the span of each), and all that is said of a
case is in its one trace. Then the collector falls silent, and goes away: every
journey still comes to its end.

Control: a service is made to forget the context it stores with an event or a mail; the same search
must name the very edge that is lost.
"""

from collections.abc import Callable, Iterator

import pytest

from shared.telemetry import MAIL_ID, REFERENCE
from tests.chaos.figures import record
from tests.chaos.journeys import PARTNER, Journey, by_http, due_soon
from tests.chaos.many_journeys import PATIENCE_SECONDS, completed, make_many
from tests.chaos.sizes import size
from tests.chaos.span_collector import SpanCollector
from tests.chaos.traces import Edge, Span, Trace, spans_about, trace, traces, traces_about
from tests.system.chain import Chain
from tests.system.running import System
from tests.system.stored import execute
from tests.system.waiting import until

pytestmark = pytest.mark.chaos
# Of each of the eight kinds.
EACH = size(125, 1_250)
WITHOUT_COLLECTOR = size(5, 50)

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

# However many tables it touches, what changes something is a write.
CLOCKS: set[Edge] = {
    (SEND_CASE, TAKE_CASE),
    (TAKE_CASE, "deadlines client SELECT"),
    (TAKE_CASE, "deadlines client write"),
    (TAKE_CASE, SEND_CLOCK),
    (SEND_CLOCK, TAKE_CLOCK),
    (TAKE_CLOCK, "intake client write"),
}
MAILED: set[Edge] = {
    (MAIL, ASK_AREA),
    (ASK_AREA, AREA),
    (AREA, "directory client SELECT"),
    (MAIL, "deadlines client write"),
    (MAIL, SEND_CLOCK),
}
SWEPT: set[Edge] = {
    (TAKE_CASE, SWEEP),
    (SWEEP, "deadlines client write"),
    (SWEEP, SEND_CLOCK),
    (SWEEP, MAIL),
}
# Every edge that a journey must show; it may show more.
MATRIX: dict[str, set[Edge]] = {
    "notified over HTTP": {
        (NOTIFY, "intake client write"),
        (NOTIFY, SEND_CASE),
        (TAKE_CASE, MAIL),
        *CLOCKS,
        *MAILED,
    },
    "notified by a partner": {
        (PARTNER, FROM_PARTNER),
        (FROM_PARTNER, "intake client write"),
        (FROM_PARTNER, TO_PARTNER),
        (FROM_PARTNER, SEND_CASE),
        (TAKE_CASE, MAIL),
        *CLOCKS,
        *MAILED,
    },
    "due soon": {(NOTIFY, SEND_CASE), *CLOCKS, *SWEPT, *MAILED},
    "overdue": {(NOTIFY, SEND_CASE), *CLOCKS, *SWEPT, *MAILED},
    "report handed in": {
        (REPORT, "intake client write"),
        (REPORT, SEND_CASE),
        *CLOCKS,
    },
    "decision recorded": {
        (DECIDE, "intake client write"),
        (DECIDE, SEND_CASE),
        *CLOCKS,
    },
    "inspector appointed": {
        (APPOINT, "directory client write"),
        (APPOINT, SEND_APPOINTMENT),
        (SEND_APPOINTMENT, TAKE_APPOINTMENT),
        (TAKE_APPOINTMENT, "inspections client write"),
    },
    "inspection planned": {
        (PLAN, "inspections client write"),
        (PLAN, "inspections producer send inspections.inspections.v1"),
    },
}
# Who serves others, or is only a statement, does not know what it is about.
KNOWS_NO_REFERENCE = ("client", "server GET")


# Nobody acts on these a second time, so all that is ever said of them is in one trace.
ONE_ACT = ("notified over HTTP", "notified by a partner", "inspector appointed")


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpanCollector]:
    """A collector that spans are sent to besides the console."""
    with SpanCollector(tmp_path_factory.mktemp("collector")) as running:
        yield running


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory, collector: SpanCollector) -> Iterator[Chain]:
    """A system of its own, which sends its spans to that collector as well."""
    home = tmp_path_factory.mktemp("traced") / "home"
    system = System(home, environment=collector.environment).start()
    around = Chain(system)
    yield around
    around.close()
    system.stop()


@pytest.fixture(scope="module")
def made(chain: Chain) -> dict[str, list[Journey]]:
    """Journeys of every kind."""
    found = make_many(chain, EACH)
    record("one-trace", journeys=EACH * len(found), kinds=len(found), edges=_edge_count())
    return found


@pytest.mark.parametrize("name", MATRIX)
def test_every_journey_is_a_trace_with_every_edge_of_the_matrix(
    chain: Chain, made: dict[str, list[Journey]], name: str
) -> None:
    journeys = made[name]
    until(
        lambda: not _broken(chain, journeys, MATRIX[name]),
        within=PATIENCE_SECONDS,
        pause=1,
        why=lambda: _broken(chain, journeys, MATRIX[name])[:3],
    )
    shown = _traces(chain, journeys)
    silent = [
        span.node
        for journey in journeys
        for span in shown[journey.trace_id].nodes(MATRIX[name])
        if _silent(span, journey)
    ]
    assert silent == []


@pytest.mark.parametrize("name", ONE_ACT)
def test_whatever_is_said_of_one_act_is_in_one_trace(
    chain: Chain, made: dict[str, list[Journey]], name: str
) -> None:
    found = traces_about(chain.system, [one.reference for one in made[name]])
    assert found == {one.reference: {one.trace_id} for one in made[name]}


@pytest.mark.parametrize("how", ["fall_silent", "go_away"])
def test_without_a_collector_every_journey_comes_to_its_end(
    chain: Chain, made: dict[str, list[Journey]], collector: SpanCollector, how: str
) -> None:
    assert made
    getattr(collector, how)()
    journeys = make_many(chain, WITHOUT_COLLECTOR)
    assert completed(chain, journeys)
    record(f"one-trace-{how.replace('_', '-')}", journeys=WITHOUT_COLLECTOR * len(journeys))


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
    until(lambda: not _broken(chain, [made], SWEPT))
    shown = _trace(chain, made)
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


def _traces(chain: Chain, made: list[Journey]) -> dict[str, Trace]:
    return traces(chain.system, {one.trace_id: one.outside for one in made})


def _broken(chain: Chain, made: list[Journey], wanted: set[Edge]) -> list[tuple[str, list[Edge]]]:
    """The journeys that do not show every edge, each with those it lacks."""
    shown = _traces(chain, made)
    gaps = ((one.reference, sorted(wanted - shown[one.trace_id].edges)) for one in made)
    return [(reference, lost) for reference, lost in gaps if lost]


def _edge_count() -> int:
    return sum(len(edges) for edges in MATRIX.values())


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
