"""What each use case saves and tells, and that it does both or neither."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import json
from sqlalchemy import text

from services.intake.domain.case import Case, Finding, Submission, SubmittedFile
from services.intake.storage.happenings import list_happenings
from services.intake.storage.notifications import CaseFilter
from services.intake.use_cases.add_addendum import add_addendum
from services.intake.use_cases.begin_draft import begin_draft
from services.intake.use_cases.list_notifications import list_notifications
from services.intake.use_cases.receive_notification import Sender, receive_notification
from services.intake.use_cases.record_decision import record_decision
from services.intake.use_cases.review_submission import review_submission
from services.intake.use_cases.show_notification import show_notification
from services.intake.use_cases.submit_draft import submit_draft
from services.intake.use_cases.submit_report import HandedIn, submit_report
from shared.access.principal import Principal, Role
from shared.confidential.erasure import Erased
from shared.confidential.fields import CannotDecrypt, FieldCipher
from shared.errors import Invalid, NotAllowed, NotFound
from shared.events.intake import (
    AddendumAdded,
    DecisionRecorded,
    NotificationReceived,
    ReportSubmitted,
    SubmissionReviewed,
)
from shared.events.topics import EVENT_OF_TYPE
from shared.transaction import Transaction, Transactions
from tests.intake.builders import FIFE, NOW, OCCURRED, STIRLING, a_submission

ANYBODY = Sender("person-1", None)
NOTIFIER = Principal("person-1", "P", frozenset({Role.NOTIFIER}), frozenset({FIFE}))
ELSEWHERE = Principal("person-2", "E", frozenset({Role.NOTIFIER}), frozenset({STIRLING}))
FILE = SubmittedFile("file-1", "report.pdf", "application/pdf", 3, "ab")
LATER = NOW + timedelta(hours=1)


class BrokeOff(Exception):
    """The process ended at the worst moment: everything done, nothing committed."""


async def break_off_after(
    transactions: Transactions, act: Callable[[Transaction], Awaitable[Any]]
) -> None:
    async with transactions.begin() as tx:
        await act(tx)
        raise BrokeOff


async def received(transactions: Transactions, ring: FieldCipher, **given: Any) -> Case:
    async with transactions.begin() as tx:
        return await receive_notification(tx, ring, a_submission(**given), ANYBODY, NOW)


async def handed_in(transactions: Transactions, ring: FieldCipher, case: Case) -> Submission:
    async with transactions.begin() as tx:
        what = HandedIn("report", [FILE])
        return await submit_report(tx, ring, case.reference, what, NOTIFIER, LATER)


async def outbox(transactions: Transactions) -> list[Any]:
    async with transactions.begin() as tx:
        rows = await tx.session.execute(text("SELECT * FROM outbox ORDER BY position"))
    return list(rows)


async def last_event(transactions: Transactions, case: Case) -> tuple[int, Any]:
    row = (await outbox(transactions))[-1]
    assert (row.key, row.subject, row.topic) == (case.id, case.reference, "intake.notifications.v1")
    return row.sequence, json.decode(row.body, type=EVENT_OF_TYPE[row.type])


async def test_a_notification_is_told_with_its_three_dates_and_nobodys_data(
    transactions: Transactions, ring: FieldCipher
) -> None:
    aware = OCCURRED + timedelta(hours=2)
    case = await received(transactions, ring, aware_at=aware, late_reason="The bridge was shut")
    assert (case.version, case.status, case.sent_by) == (1, "received", "person-1")
    assert await last_event(transactions, case) == (
        1,
        NotificationReceived(
            reference=case.reference,
            kind="death-looked-after-child",
            area=FIFE,
            occurred_at=OCCURRED,
            aware_at=aware,
            received_at=NOW,
            late_reason_given=True,
        ),
    )


async def test_a_reference_is_of_the_year_in_scotland(
    transactions: Transactions, ring: FieldCipher
) -> None:
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    async with transactions.begin() as tx:
        case = await receive_notification(tx, ring, a_submission(), ANYBODY, new_year)
    assert case.reference.startswith("SS-2027-")


async def test_a_partners_notification_says_so(
    transactions: Transactions, ring: FieldCipher
) -> None:
    sender = Sender("partner:fife", frozenset({FIFE}), "fife")
    async with transactions.begin() as tx:
        case = await receive_notification(tx, ring, a_submission(), sender, NOW)
        await tx.flush()
        ((_, line),) = await list_happenings(tx.session, case.id, None, 10)
    assert (await last_event(transactions, case))[1].partner == "fife"
    assert line.text.endswith("was received from the system of partner fife.")


async def test_what_fails_half_way_leaves_nothing(
    transactions: Transactions, ring: FieldCipher
) -> None:
    with pytest.raises(BrokeOff):
        await break_off_after(
            transactions, lambda tx: receive_notification(tx, ring, a_submission(), ANYBODY, NOW)
        )
    async with transactions.begin() as tx:
        for table in ("notifications", "happenings", "outbox"):
            assert await tx.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


async def test_a_refusal_comes_before_anything_is_written(
    transactions: Transactions, ring: FieldCipher
) -> None:
    async with transactions.begin() as tx:
        with pytest.raises(Invalid):
            await receive_notification(tx, ring, a_submission(kind="?"), ANYBODY, NOW)
        sender = Sender("person-1", frozenset({STIRLING}))
        with pytest.raises(NotAllowed):
            await receive_notification(tx, ring, a_submission(), sender, NOW)
    assert await outbox(transactions) == []


async def test_each_thing_that_happens_to_a_case_is_its_next_event(
    transactions: Transactions, ring: FieldCipher
) -> None:
    case = await received(transactions, ring)
    reference = case.reference
    made = await handed_in(transactions, ring, case)
    kind: dict[str, Any] = {"reference": reference, "kind": case.kind, "area": FIFE}
    report = ReportSubmitted(**kind, stage="report", submission=made.id, submitted_at=LATER)
    assert await last_event(transactions, case) == (2, report)

    async with transactions.begin() as tx:
        what = HandedIn(made.id, [])
        more = await add_addendum(tx, ring, reference, what, NOTIFIER, LATER)
    addendum = AddendumAdded(reference=reference, area=FIFE, addendum=more.id, added_at=LATER)
    assert await last_event(transactions, case) == (3, addendum)

    async with transactions.begin() as tx:
        await record_decision(tx, reference, "learning-review", NOW, NOTIFIER, LATER)
    decision = DecisionRecorded(**kind, decision="learning-review", decided_at=NOW)
    assert await last_event(transactions, case) == (4, decision)

    async with transactions.begin() as tx:
        finding = Finding(made.id, "accepted", "Clear and complete.")
        await review_submission(tx, ring, reference, finding, NOTIFIER, LATER)
    review = SubmissionReviewed(
        reference=reference, area=FIFE, submission=made.id, outcome="accepted", reviewed_at=LATER
    )
    assert await last_event(transactions, case) == (5, review)

    async with transactions.begin() as tx:
        lines = [line for _, line in await list_happenings(tx.session, case.id, None, 10)]
    assert [line.what for line in lines] == [
        "notification.received", "report.submitted", "addendum.added", "decision.recorded",
        "submission.reviewed",
    ]  # fmt: skip
    assert lines[1].text == "The report was handed in with 1 attachment."


Doing = Callable[[Transaction, FieldCipher, str, Principal], Awaitable[Any]]
TO_A_CASE: dict[str, Doing] = {
    "report": lambda tx, ring, reference, by: submit_report(
        tx, ring, reference, HandedIn("report", []), by, LATER
    ),
    "addendum": lambda tx, ring, reference, by: add_addendum(
        tx, ring, reference, HandedIn("?", []), by, LATER
    ),
    "decision": lambda tx, _, reference, by: record_decision(
        tx, reference, "learning-review", None, by, LATER
    ),
    "review": lambda tx, ring, reference, by: review_submission(
        tx, ring, reference, Finding("?", "accepted", "Good."), by, LATER
    ),
    "read": lambda tx, ring, reference, by: show_notification(tx, ring, reference, by, LATER),
}


@pytest.mark.parametrize("do", TO_A_CASE.values(), ids=TO_A_CASE.keys())
async def test_a_case_of_another_area_does_not_exist(
    transactions: Transactions, ring: FieldCipher, do: Doing
) -> None:
    case = await received(transactions, ring)
    for reference, by in ((case.reference, ELSEWHERE), ("SS-2026-00000000", NOTIFIER)):
        with pytest.raises(NotFound):
            async with transactions.begin() as tx:
                await do(tx, ring, reference, by)
    assert len(await outbox(transactions)) == 1


async def test_a_line_of_the_timeline_does_not_wait_for_whoever_works_on_the_case(
    transactions: Transactions, ring: FieldCipher
) -> None:
    case = await received(transactions, ring)
    async with transactions.begin() as working:
        await show_notification(working, ring, case.reference, NOTIFIER, LATER)
        async with transactions.begin() as tx:
            await tx.session.execute(text("SET LOCAL lock_timeout = '500ms'"))
            await tx.session.execute(
                text(
                    "INSERT INTO happenings (notification_id, at, service, what, text, facts)"
                    " VALUES (:id, now(), 'deadlines', 'clock.met', '', '{}')"
                ),
                {"id": case.id},
            )


async def test_a_list_is_of_the_readers_areas(
    transactions: Transactions, ring: FieldCipher
) -> None:
    case = await received(transactions, ring)
    async with transactions.begin() as tx:
        asked = {"wanted": CaseFilter(), "before": None, "limit": 10}
        assert await list_notifications(tx, NOTIFIER, None, **asked) == [case]
        assert await list_notifications(tx, NOTIFIER, STIRLING, **asked) == []
        assert await list_notifications(tx, ELSEWHERE, None, **asked) == []
        assert await list_notifications(tx, ELSEWHERE, FIFE, **asked) == []


async def test_destroying_a_cases_key_erases_what_is_personal_in_it(
    transactions: Transactions, ring: FieldCipher
) -> None:
    case = await received(transactions, ring)
    async with transactions.begin() as tx:
        await tx.session.execute(text("UPDATE notifications SET record_key = NULL"))
    with pytest.raises(Erased):
        async with transactions.begin() as tx:
            await show_notification(tx, ring, case.reference, NOTIFIER, LATER)


async def test_one_cases_personal_part_does_not_open_in_another(
    transactions: Transactions, ring: FieldCipher
) -> None:
    case = await received(transactions, ring)
    await received(transactions, ring)
    async with transactions.begin() as tx:
        await tx.session.execute(
            text(
                "UPDATE notifications SET (record_key, personal) = "
                "(SELECT record_key, personal FROM notifications WHERE id <> :id) WHERE id = :id"
            ),
            {"id": case.id},
        )
    with pytest.raises(CannotDecrypt):
        async with transactions.begin() as tx:
            await show_notification(tx, ring, case.reference, NOTIFIER, LATER)


async def test_a_draft_and_its_notification_are_never_both_there(
    transactions: Transactions, ring: FieldCipher
) -> None:
    async with transactions.begin() as tx:
        draft = await begin_draft(tx, ring, {"kind": "anything"}, "person-1", NOW)
    with pytest.raises(BrokeOff):
        await break_off_after(
            transactions,
            lambda tx: submit_draft(tx, ring, draft.id, lambda _: a_submission(), ANYBODY, NOW),
        )
    counts = text("SELECT (SELECT count(*) FROM drafts), (SELECT count(*) FROM notifications)")
    async with transactions.begin() as tx:
        assert tuple((await tx.session.execute(counts)).one()) == (1, 0)
        await submit_draft(tx, ring, draft.id, lambda _: a_submission(), ANYBODY, NOW)
    async with transactions.begin() as tx:
        assert tuple((await tx.session.execute(counts)).one()) == (0, 1)
