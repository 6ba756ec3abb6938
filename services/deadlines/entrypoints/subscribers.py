"""What deadlines does when intake says that something happened."""

from collections.abc import Sequence

from services.deadlines.domain.facts import Completion, Decision, Standing, Turn
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.apply_decision import apply_decision
from services.deadlines.use_cases.complete_obligation import complete_obligation
from services.deadlines.use_cases.correct_date import correct_date
from services.deadlines.use_cases.ratify_review import ratify_review
from services.deadlines.use_cases.start_clocks import Beginning, start_all_clocks
from services.deadlines.use_cases.turn_case import turn_case
from shared.clock import Clock
from shared.events.envelope import Headers
from shared.events.intake import (
    CaseClosed,
    CaseReopened,
    DateCorrected,
    DecisionRecorded,
    NotificationReceived,
    NotificationWithdrawn,
    ReportSubmitted,
    ReviewRatified,
)
from shared.messaging.inbox import Consumer
from shared.messaging.subscriptions import Received
from shared.transaction import Transaction


def subscribe(consumer: Consumer, rulebook: Rulebook, clock: Clock) -> None:
    """Register every event this service listens to."""

    @consumer.on_batch(NotificationReceived)
    async def on_notifications_received(
        tx: Transaction, received: Sequence[Received[NotificationReceived]]
    ) -> None:
        begun = [Beginning(one.headers.key, one.event, one.traceparent) for one in received]
        await start_all_clocks(tx, rulebook, begun, clock())

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

    _corrections(consumer, rulebook, clock)
    _turns(consumer, rulebook, clock)


def _corrections(consumer: Consumer, rulebook: Rulebook, clock: Clock) -> None:
    """What is learned of the past later."""

    @consumer.on(ReviewRatified)
    async def on_review_ratified(tx: Transaction, event: ReviewRatified, headers: Headers) -> None:
        await ratify_review(tx, rulebook, headers.key, event.ratified_at, clock())

    @consumer.on(DateCorrected)
    async def on_date_corrected(tx: Transaction, event: DateCorrected, headers: Headers) -> None:
        await correct_date(tx, rulebook, headers.key, event, clock())


def _turns(consumer: Consumer, rulebook: Rulebook, clock: Clock) -> None:
    """What is said of a case as a whole."""

    @consumer.on(NotificationWithdrawn)
    async def on_notification_withdrawn(
        tx: Transaction, event: NotificationWithdrawn, headers: Headers
    ) -> None:
        turn = Turn(Standing.WITHDRAWN, event.withdrawn_at)
        await turn_case(tx, rulebook, headers.key, turn, clock())

    @consumer.on(CaseClosed)
    async def on_case_closed(tx: Transaction, event: CaseClosed, headers: Headers) -> None:
        turn = Turn(Standing.CLOSED, event.closed_at)
        await turn_case(tx, rulebook, headers.key, turn, clock())

    @consumer.on(CaseReopened)
    async def on_case_reopened(tx: Transaction, event: CaseReopened, headers: Headers) -> None:
        turn = Turn(Standing.REOPENED, event.reopened_at)
        await turn_case(tx, rulebook, headers.key, turn, clock())
