"""What is personal is where it belongs, encrypted, and in no other place the system writes."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from confluent_kafka import Producer

from tests.system.chain import Chain
from tests.system.partner import Partner
from tests.system.personal import BORN, FIFE, MARK, marked, notification
from tests.system.places import PLACES, found
from tests.system.stored import execute
from tests.system.waiting import until

PLANTED = "zq7planted"


@pytest.fixture(scope="module")
def driven(chain: Chain) -> list[str]:
    """Personal texts in every field there is, by every way in: taken, refused and unreadable.

    Answers the body of every refusal.
    """
    reference = chain.notified()
    chain.told(reference)
    _act_on(chain, reference)
    fife = Partner(chain.system)
    refusals = [*_refused_over_http(chain, reference), *_refused_partner(fife)]
    accepted = fife.receipt(fife.submit(notification()))
    chain.told(accepted.body["reference"])
    fife.close()
    return refusals


@pytest.mark.parametrize("place", PLACES)
def test_nothing_personal_is_in(chain: Chain, driven: list[str], place: str) -> None:
    assert driven
    assert found(PLACES[place](chain.system), MARK, BORN) == []


def test_no_refusal_repeats_what_was_sent(driven: list[str]) -> None:
    assert len(driven) >= 12
    assert [body for body in driven if MARK in body or BORN in body] == []


def test_whoever_may_read_the_case_reads_all_of_it(chain: Chain) -> None:
    body = notification()
    reference = chain.notify(body).json()["reference"]
    read = chain.get("intake", f"/notifications/{reference}").json()
    for name in ("notifier", "subject", "details", "late_reason"):
        assert read[name] == body[name]


@pytest.mark.parametrize("place", PLACES)
def test_the_search_finds_what_is_planted_in(chain: Chain, place: str) -> None:
    mark = f"{PLANTED}{uuid4().hex}"
    plant, clear = _planters(chain, mark)[place]
    plant()
    assert until(lambda: found(PLACES[place](chain.system), mark))
    clear()


def _act_on(chain: Chain, reference: str) -> None:
    """A report, an addendum, a review and a decision, each with what might be personal."""
    content = marked("report").encode()
    report = chain.hand_in(reference, "report", f"{MARK}.pdf", content).raise_for_status().json()
    chain.post(
        "intake",
        f"/notifications/{reference}/addenda",
        data={"submission": report["id"]},
        files={"attachment": (f"{MARK} addendum.pdf", content, "application/pdf")},
    ).raise_for_status()
    chain.post(
        "intake",
        f"/notifications/{reference}/reviews",
        json={
            "submission": report["id"],
            "outcome": "returned-for-more",
            "feedback": marked("feedback"),
        },
        headers=chain.as_("strategic-inspector", FIFE),
    ).raise_for_status()
    chain.decide(reference, "no-learning-review").raise_for_status()
    chain.get("intake", f"/notifications/{reference}").raise_for_status()
    sound = {"Idempotency-Key": str(uuid4())}
    chain.post("intake", "/drafts", json=notification(), headers=sound).raise_for_status()


def _wrong() -> list[object]:
    """Bodies in which every wrong value is personal."""
    sound = notification()
    person = {"name": marked("child"), "date_of_birth": BORN}
    return [
        notification(kind=marked("kind")),
        notification(area=marked("area")),
        notification(occurred_at=marked("instant")),
        notification(subject=person | {"date_of_birth": marked("date")}),
        notification(subject=person | {marked("field"): 1}),
        notification(notifier=sound["notifier"] | {"email": marked("no mailbox")}),
        notification(notifier=marked("notifier")),
        notification(details={marked("detail"): marked("value")}),
        notification(details=sound["details"] | {"legal_basis": {"text": marked("basis")}}),
        notification(late_reason=marked("long") * 900),
        notification(unknown_field=BORN),
        notification(area="S12000036"),
        [marked("list")],
    ]


def _refused_over_http(chain: Chain, reference: str) -> list[str]:
    broken = f'{{"kind": "{marked("broken")}", "born": "{BORN}'.encode()
    headers = {"Content-Type": "application/json"}
    answers = [chain.post("intake", "/notifications", json=body) for body in _wrong()]
    answers += [
        chain.post("intake", "/notifications", content=broken, headers=headers),
        chain.hand_in(reference, marked("stage"), f"{MARK}.pdf", b"%PDF"),
        chain.decide(reference, marked("decision")),
        chain.post("deadlines", "/previews", json={"kind": marked("kind"), "born": BORN}),
        chain.notify(Authorization=f"Bearer {MARK}"),
    ]
    assert {answer.status_code // 100 for answer in answers} == {4}
    return [answer.text for answer in answers]


def _refused_partner(fife: Partner) -> list[str]:
    bodies = [*_wrong(), f'{{"kind": "{marked("broken")}'.encode(), MARK.encode() + b"\xff"]
    sent = [fife.submit(body) for body in bodies]
    sent.append(fife.submit(notification(), ce_type=marked("type"), ce_source=marked("source")))
    receipts = [fife.receipt(message_id) for message_id in sent]
    assert {receipt.type.split(".")[-2] for receipt in receipts} == {"refused"}
    return [str(receipt.body) for receipt in receipts]


def _planters(
    chain: Chain, mark: str
) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """How to put a text into each place, and how to take it out again."""
    home = chain.system.home
    span = f"""INSERT INTO spans (trace_id, span_id, name, kind, service, start_ns, duration_ns,
        failed, said, attributes, happenings, links, received_at) VALUES ('\\x01', '\\x02', 'x',
        'client', 'x', 1, 1, false, '', '{{"x": "{mark}"}}', '[]', '[]', now())"""
    log, mail, file = home.logs / "planted.log", home.mails / "planted.eml", home.files / "planted"

    def act(service: str, *statements: str) -> Callable[[], None]:
        return lambda: execute(chain.system, service, *statements)

    return {
        "internal topics": (lambda: _publish(chain, mark), lambda: None),
        "logs": (lambda: log.write_text(mark), log.unlink),
        "mails": (lambda: mail.write_text(f"Subject: x\n\n{mark}"), mail.unlink),
        "databases": (
            act("intake", f"CREATE TABLE planted AS SELECT bytea '{mark}'"),
            act("intake", "DROP TABLE planted"),
        ),
        "spans": (act("console", span), act("console", "DELETE FROM spans WHERE service = 'x'")),
        "object storage": (lambda: file.write_text(mark), file.unlink),
    }


def _publish(chain: Chain, mark: str) -> None:
    """Into a topic that nobody listens to."""
    producer = Producer({"bootstrap.servers": chain.system.bootstrap})
    producer.produce("inspections.inspections.v1", mark.encode())
    assert producer.flush(20) == 0
