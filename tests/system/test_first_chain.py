"""The death of a looked-after child, from whoever tells it to whoever has to act on it."""

from collections import Counter
from typing import Any

import pytest
from confluent_kafka import KafkaException

from tests.system.chain import RULES, Chain
from tests.system.partner import Partner
from tests.system.personal import BORN, FIFE, MARK, notification
from tests.system.stored import rows
from tests.system.waiting import until

ACCEPTED = "scot.scrutiny.notification.accepted.v1"
REFUSED = "scot.scrutiny.notification.refused.v1"
OF_CASE = ("id", "reference", "kind", "area", "breach", "regimes")
# What happens to a case that is reported in time, before anybody acts on it.
CALM = Counter({"notification.received": 1, "clock.started": 4, "clock.met": 3, "person.told": 1})


def test_a_death_notified_over_http_gets_the_clocks_that_a_preview_answers(chain: Chain) -> None:
    body = notification()
    received = chain.notify(body).json()
    clocks = chain.clocks_once_started(received["reference"])
    assert _without_case(clocks) == _previewed(chain, body, received["received_at"])


def test_every_clock_explains_itself(chain: Chain) -> None:
    clocks = chain.clocks_once_started(chain.notified())
    explained = {rule: clock["explanation"] for rule, clock in clocks.items()}
    assert all(MARK not in one["text"] and len(one["text"]) > 60 for one in explained.values())
    assert [day["why"] for day in explained["lac-report-28d"]["days"]][:2] == ["anchor", "counted"]
    assert len(explained["lac-report-28d"]["days"]) == 29
    assert {one["rule"] for one in explained["lac-notify-24h"]["others"]} == set(RULES[1:3])
    assert explained["lac-notify-one-working-day"]["calendar"]["id"]


def test_a_death_notified_over_http_reaches_the_link_inspector_of_the_day_once(
    chain: Chain,
) -> None:
    reference = chain.notified()
    (mail,) = chain.told(reference)
    area = chain.get("directory", f"/areas/{FIFE}").json()
    assert mail["To"] == area["link_inspector"]["mailbox"]
    assert reference in mail["Subject"]


def test_a_mail_holds_no_personal_data_and_its_link_opens_a_page_of_the_console(
    chain: Chain,
) -> None:
    (mail,) = chain.told(chain.notified())
    text = mail.get_content()
    assert MARK not in mail.as_string() + text
    assert BORN not in text
    (link,) = [word for word in text.split() if word.startswith("http")]
    page = chain.http.get(link, follow_redirects=True)
    assert page.status_code == 200, f"{link} answers {page.status_code}"


def test_the_timeline_holds_what_every_service_did_in_order(chain: Chain) -> None:
    reference = chain.notified()
    lines = chain.timeline_with(reference, "person.told")
    assert Counter(line["what"] for line in lines) == CALM
    assert lines[0]["what"] == "notification.received"
    assert {line["service"] for line in lines} == {"intake", "deadlines"}
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert _before(lines, "clock.started", "clock.met")


def test_one_trace_leads_from_the_request_to_the_mail(chain: Chain) -> None:
    answer = chain.notify()
    reference, trace_id = answer.json()["reference"], answer.headers["X-Trace-Id"]
    lines = chain.timeline_with(reference, "person.told")
    assert {line["trace_id"] for line in lines} == {trace_id}
    mailed = "SELECT encode(trace_id, 'hex') AS trace FROM spans WHERE name = 'mail'"
    mailed += " AND attributes ->> 'scrutiny.reference' = $1"
    found = until(lambda: rows(chain.system, "console", mailed, reference))
    assert [row["trace"] for row in found] == [trace_id]


def test_a_request_sent_twice_takes_effect_once_and_gets_the_same_answer(chain: Chain) -> None:
    body = notification()
    first, second = chain.notify(body, key="twice-1"), chain.notify(body, key="twice-1")
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["Idempotency-Replayed"] == "true"
    reference = first.json()["reference"]
    assert Counter(_told_of(chain, reference)) == CALM


def test_a_key_used_again_for_something_else_is_refused(chain: Chain) -> None:
    chain.notify(key="twice-2")
    refused = chain.notify(key="twice-2")
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["Idempotency-Key"]


def test_a_partners_message_becomes_the_same_clocks_and_a_receipt_names_its_reference(
    chain: Chain, partner: Partner
) -> None:
    body = notification()
    receipt = partner.receipt(partner.submit(body, key="case-4711"))
    assert (receipt.type, receipt.key) == (ACCEPTED, "case-4711")
    clocks = chain.clocks_once_started(receipt.body["reference"])
    assert _without_case(clocks) == _previewed(chain, body, receipt.body["received_at"])
    assert len(chain.told(receipt.body["reference"])) == 1


def test_a_partners_message_sent_twice_takes_effect_once_and_gets_the_same_receipt(
    chain: Chain, partner: Partner
) -> None:
    body = notification()
    message_id = partner.submit(body)
    assert partner.submit(body, message_id=message_id) == message_id
    first, second = partner.receipts(message_id, 2)
    assert (first.type, first.body) == (second.type, second.body)
    reference = first.body["reference"]
    assert Counter(_told_of(chain, reference)) == CALM


def test_a_partners_message_is_refused_with_every_field_that_is_wrong(partner: Partner) -> None:
    wrong = notification(area="S12000099", details={"residing_at_death": "hospital"})
    refused = partner.receipt(partner.submit(wrong))
    assert refused.type == REFUSED
    problem = refused.body["problem"]
    fields = {error["field"]: error["rule"] for error in problem["errors"]}
    assert problem["status"] == 422
    assert set(fields) == {"area", "details.legal_basis"}
    assert all(fields.values())


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (b"{", "body"),
        (b"\xff\xfe", "body"),
        ({"kind": "death-looked-after-child"}, "area"),
        (notification(subject={"name": 1, "date_of_birth": BORN}), "subject.name"),
    ],
)
def test_a_partners_unreadable_message_is_refused_and_the_next_one_is_taken(
    partner: Partner, sent: Any, field: str
) -> None:
    refused = partner.receipt(partner.submit(sent, key="a-case"))
    assert refused.type == REFUSED
    assert refused.body["problem"]["errors"][0]["field"] == field
    assert partner.receipt(partner.submit(notification(), key="a-case")).type == ACCEPTED


def test_a_partner_may_not_notify_for_another_area_nor_write_anywhere_else(
    partner: Partner,
) -> None:
    refused = partner.receipt(partner.submit(notification(area="S12000036")))
    assert (refused.type, refused.body["problem"]["status"]) == (REFUSED, 403)
    with pytest.raises(KafkaException, match=r"(?i)authorization"):
        partner.submit(notification(), topic="intake.notifications.v1")


def test_a_report_with_an_attachment_meets_its_clock_and_can_be_read_again(chain: Chain) -> None:
    reference, content = chain.notified(), b"%PDF-1.7 " + MARK.encode() * 9000
    chain.clocks_once_started(reference)
    handed_in = chain.hand_in(reference, "report", f"{MARK}.pdf", content)
    assert handed_in.status_code == 201, handed_in.text
    until(lambda: chain.state(reference, "lac-report-28d") == "met", why=chain.system.logs)
    (attachment,) = handed_in.json()["attachments"]
    read = chain.get("intake", f"/notifications/{reference}/attachments/{attachment['id']}")
    assert read.content == content
    lines = chain.timeline_with(reference, "report.submitted")
    assert "1 attachment" in next(one for one in lines if one["what"] == "report.submitted")["text"]


def test_a_learning_review_ends_the_report_clock_and_no_learning_review_starts_it_again(
    chain: Chain,
) -> None:
    reference = chain.notified()
    chain.clocks_once_started(reference)
    assert chain.decide(reference, "learning-review").status_code == 201
    until(lambda: chain.state(reference, "lac-report-28d") == "cancelled")
    assert chain.decide(reference, "no-learning-review").status_code == 201
    until(lambda: chain.state(reference, "lac-report-28d") == "open")
    happened = [one["what"] for one in chain.timeline_with(reference, "clock.reopened")]
    acts = ("decision.recorded", "clock.cancelled", "clock.reopened")
    wanted = ["decision.recorded", "clock.cancelled", "decision.recorded", "clock.reopened"]
    assert [what for what in happened if what in acts] == wanted


def _told_of(chain: Chain, reference: str) -> list[str]:
    """What happened in a case once the link inspector was told."""
    return [line["what"] for line in chain.timeline_with(reference, "person.told")]


def _previewed(chain: Chain, body: dict[str, Any], received_at: str) -> list[dict[str, Any]]:
    facts = {name: body[name] for name in ("kind", "area", "occurred_at", "aware_at")}
    answer = chain.post("deadlines", "/previews", json=facts | {"received_at": received_at})
    return answer.raise_for_status().json()["clocks"]


def _without_case(clocks: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    assert tuple(clocks) == RULES
    return [
        {name: value for name, value in clock.items() if name not in OF_CASE}
        for clock in clocks.values()
    ]


def _before(lines: list[dict[str, Any]], first: str, second: str) -> bool:
    happened = [line["what"] for line in lines]
    return happened.index(first) < happened.index(second)
