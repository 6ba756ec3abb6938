"""What deadlines does when intake says that something happened."""

from services.deadlines.domain.facts import Completion, Decision
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.apply_decision import apply_decision
from services.deadlines.use_cases.complete_obligation import complete_obligation
from services.deadlines.use_cases.start_clocks import start_clocks
from shared.clock import Clock
from shared.events.envelope import Headers
from shared.events.intake import DecisionRecorded, NotificationReceived, ReportSubmitted
from shared.messaging.inbox import Consumer
from shared.transaction import Transaction


def subscribe(consumer: Consumer, rulebook: Rulebook, clock: Clock) -> None:
    """Register every event this service listens to."""

    @consumer.on(NotificationReceived)
    async def on_notification_received(
        tx: Transaction, event: NotificationReceived, headers: Headers
    ) -> None:
        await start_clocks(tx, rulebook, headers.key, event, clock())

    @consumer.on(ReportSubmitted)
    async def on_report_submitted(
        tx: Transaction, event: ReportSubmitted, headers: Headers
    ) -> None:
        completion = Completion(event.stage, event.submitted_at)
        await complete_obligation(tx, rulebook, headers.key, completion, clock())

    @consumer.on(DecisionRecorded)
    async def on_decision_recorded(
        tx: Transaction, event: DecisionRecorded, headers: Headers
    ) -> None:
        decision = Decision(event.decision, event.decided_at)
        await apply_decision(tx, rulebook, headers.key, decision, clock())
