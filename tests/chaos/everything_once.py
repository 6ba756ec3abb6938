"""Every way into the system, driven once, with a text of its own in everything personal."""

from typing import Any
from uuid import uuid4

from tests.system.chain import Chain
from tests.system.partner import Partner
from tests.system.personal import BORN, FIFE, MARK, marked, notification

ADDENDUM = "application/pdf"


def act_on_cases(chain: Chain) -> None:
    """A case with all that may be handed in, and drafts that are changed, sent and thrown away."""
    reference = chain.notified()
    chain.told(reference)
    _hand_in_everything(chain, reference)
    chain.decide(reference, "no-learning-review").raise_for_status()
    chain.get("intake", f"/notifications/{reference}").raise_for_status()
    for act in (_send_draft, _throw_draft_away):
        answer = chain.post("intake", "/drafts", json=notification(), headers=_key())
        act(chain, answer.raise_for_status().json()["id"], answer.headers["ETag"])


def act_on_people(chain: Chain) -> None:
    """Somebody is entered, corrected and appointed; an inspector writes what they did."""
    officer = chain.as_("support-officer")
    made = chain.post("directory", "/people", json=_person(), headers=officer).raise_for_status()
    person = f"/people/{made.json()['id']}"
    etag = chain.get("directory", person).headers["ETag"]
    chain.http.put(
        chain.system.url("directory") + person, json=_person(), headers=officer | {"If-Match": etag}
    ).raise_for_status()
    cover = {"person": made.json()["id"], "role": "link-inspector", "area": "S12000036"}
    cover |= {"starts_on": "2031-01-06", "ends_on": "2031-01-20", "kind": "cover"}
    chain.post("directory", "/appointments", json=cover, headers=officer).raise_for_status()
    activity = {"area": FIFE, "key_area": "good-practice", "happened_on": "2026-03-01"}
    activity |= {"text": marked("what an inspector wrote")}
    chain.post("directory", "/link-activities", json=activity, headers=officer).raise_for_status()
    for path in ("/areas/S12000036?on=2031-01-08", "/coverage?on=2031-01-08", "/people"):
        chain.get("directory", path).raise_for_status()


def wrong_bodies() -> list[object]:
    """Notifications in which every wrong value is personal."""
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


def refused_over_http(chain: Chain) -> list[str]:
    """The bodies of refusals of what was notified."""
    reference = chain.notified()
    broken = f'{{"kind": "{marked("broken")}", "born": "{BORN}'.encode()
    headers = {"Content-Type": "application/json"}
    answers = [chain.post("intake", "/notifications", json=body) for body in wrong_bodies()]
    answers += [
        chain.post("intake", "/notifications", content=broken, headers=headers),
        chain.hand_in(reference, marked("stage"), f"{MARK}.pdf", b"%PDF"),
        chain.decide(reference, marked("decision")),
        chain.post("deadlines", "/previews", json={"kind": marked("kind"), "born": BORN}),
        chain.notify(Authorization=f"Bearer {MARK}"),
    ]
    assert {answer.status_code // 100 for answer in answers} == {4}
    return [answer.text for answer in answers]


def through_a_partner(chain: Chain) -> list[str]:
    """A partner's message that is taken, those that are refused, and one that has to be parked."""
    fife = Partner(chain.system)
    bodies = [*wrong_bodies(), f'{{"kind": "{marked("broken")}'.encode(), MARK.encode() + b"\xff"]
    sent = [fife.submit(body) for body in bodies]
    sent.append(fife.submit(notification(), ce_type=marked("type"), ce_source=marked("source")))
    receipts = [fife.receipt(message_id) for message_id in sent]
    assert {receipt.type.split(".")[-2] for receipt in receipts} == {"refused"}
    accepted = fife.receipt(fife.submit(notification()))
    chain.told(accepted.body["reference"])
    # Without an id nobody can be answered.
    fife.submit(notification(), key=marked("key"), ce_id="")
    fife.close()
    return [str(receipt.body) for receipt in receipts]


def _hand_in_everything(chain: Chain, reference: str) -> None:
    """A report, an addendum and a review, each with what might be personal."""
    content = marked("report").encode()
    report = chain.hand_in(reference, "report", f"{marked('file')}.pdf", content)
    submission = report.raise_for_status().json()
    attachment = submission["attachments"][0]["id"]
    path = f"/notifications/{reference}"
    chain.get("intake", f"{path}/attachments/{attachment}").raise_for_status()
    chain.post(
        "intake",
        f"{path}/addenda",
        data={"submission": submission["id"]},
        files={"attachment": (f"{marked('addendum')}.pdf", content, ADDENDUM)},
    ).raise_for_status()
    chain.post(
        "intake",
        f"{path}/reviews",
        json={
            "submission": submission["id"],
            "outcome": "returned-for-more",
            "feedback": marked("feedback"),
        },
        headers=chain.as_("strategic-inspector", FIFE),
    ).raise_for_status()


def _send_draft(chain: Chain, draft: str, etag: str) -> None:
    url = f"{chain.system.url('intake')}/drafts/{draft}"
    changed = chain.http.put(url, json=notification(), headers=chain.notifier | {"If-Match": etag})
    changed.raise_for_status()
    chain.post("intake", f"/drafts/{draft}/submit", headers=_key()).raise_for_status()


def _throw_draft_away(chain: Chain, draft: str, etag: str) -> None:
    url = f"{chain.system.url('intake')}/drafts/{draft}"
    chain.http.delete(url, headers=chain.notifier | {"If-Match": etag}).raise_for_status()


def _person() -> dict[str, Any]:
    mailbox = f"{marked('mailbox').replace(' ', '.')}@example.org"
    return {"name": marked("inspector"), "mailbox": mailbox}


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}
