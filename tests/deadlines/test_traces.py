"""Whatever time brings about belongs to the trace in which the case began."""

from datetime import timedelta
from pathlib import Path

import httpx

from services.deadlines.entrypoints.envelopes import Post
from services.deadlines.entrypoints.mailer import Mailer
from services.deadlines.entrypoints.sweeper import Sweeper
from services.deadlines.outside.directory import Directory
from services.deadlines.outside.mail_transport import mail_transport
from shared.telemetry import MAIL_ID, REFERENCE, span
from shared.transaction import Transactions
from tests.deadlines.builders import REFERENCE as OUR_REFERENCE
from tests.deadlines.builders import REPORT_DUE, RULEBOOK, published, started
from tests.tracing import recorded


async def test_sweep_and_mails_continue_the_trace_of_the_notification(
    transactions: Transactions, tmp_path: Path
) -> None:
    sweeper = Sweeper(transactions, RULEBOOK, lambda: REPORT_DUE)
    away = Directory(httpx.AsyncClient(base_url="http://127.0.0.1:9"))
    post = Post("us@example.org", "support@example.org", "http://console.example.org")
    later = REPORT_DUE + timedelta(seconds=1)
    transport = mail_transport(f"folder://{tmp_path}")
    mailer = Mailer(transactions, RULEBOOK, away, transport, post, lambda: later)
    with recorded() as seen:
        with span("the notification"):
            await started(transactions)
        assert await sweeper.sweep() == 1
        await mailer.send_owed()
    await away.close()
    assert {("the notification", "sweep"), ("the notification", "mail"), ("sweep", "mail")} <= (
        seen.edges()
    )
    assert len(seen.trace_ids()) == 1
    traces = {row.traceparent.split("-")[1] for row in await published(transactions)}
    assert traces == seen.trace_ids()


async def test_spans_name_the_case_and_nobody(transactions: Transactions) -> None:
    with recorded() as seen:
        await started(transactions)
        await Sweeper(transactions, RULEBOOK, lambda: REPORT_DUE).sweep()
    attributes = dict(seen.named("sweep").attributes or {})
    assert attributes[REFERENCE] == OUR_REFERENCE
    assert MAIL_ID not in attributes


async def test_what_is_written_for_many_is_linked_from_the_sweep_of_each(
    transactions: Transactions,
) -> None:
    cases = [f"case-{number}" for number in range(3)]
    with recorded() as seen:
        for case in cases:
            with span(case):
                await started(transactions, case=case, reference=f"SN-{case}")
        await Sweeper(transactions, RULEBOOK, lambda: REPORT_DUE).sweep()
    (batch,) = [one for one in seen.spans if one.name == "sweep batch"]
    swept = [one for one in seen.spans if one.name == "sweep"]
    assert batch.context
    linked = [[link.context.span_id for link in one.links] for one in swept]
    assert linked == [[batch.context.span_id]] * len(cases)
    assert len(seen.trace_ids()) == len(cases) + 1
    assert {("sweep batch", "UPDATE"), ("sweep batch", "INSERT")} <= seen.edges()
