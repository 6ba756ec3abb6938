"""Intake from the bus: partners' messages, and what deadlines says of our cases."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from services.intake.domain.notification import Submission
from services.intake.domain.timeline import Happening, clock_text, told_text
from services.intake.entrypoints.schemas import NotificationIn
from services.intake.settings import Partner
from services.intake.use_cases.note_happenings import note_happenings
from services.intake.use_cases.receive_notification import Sender
from services.intake.use_cases.take_partner_message import PartnerMessage, take_partner_message
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.errors import FieldError, Invalid, Refused
from shared.events import deadlines
from shared.events.envelope import Event
from shared.events.partners import NOTIFICATION_SUBMITTED
from shared.events.topics import partner_inbound
from shared.messaging.delivery import Delivery, text_headers
from shared.messaging.inbox import Consumer, Undecodable
from shared.messaging.spans import received_raw
from shared.messaging.subscriptions import Received
from shared.telemetry import PARTNER
from shared.transaction import Transaction
from shared.web.bodies import decode_json

# What deadlines tells, and what the timeline calls it.
TOLD: dict[type[Event], str] = {
    deadlines.ClockStarted: "clock.started",
    deadlines.ClockDueSoon: "clock.due-soon",
    deadlines.ClockOverdue: "clock.overdue",
    deadlines.ClockMet: "clock.met",
    deadlines.ClockCancelled: "clock.cancelled",
    deadlines.ClockReopened: "clock.reopened",
    deadlines.ClockRecomputed: "clock.recomputed",
    deadlines.ClockExtended: "clock.extended",
    deadlines.ClockPaused: "clock.paused",
    deadlines.ClockResumed: "clock.resumed",
    deadlines.ActWithdrawn: "act.withdrawn",
    deadlines.CaseRebased: "case.rebased",
    deadlines.PersonTold: "person.told",
}
SHORTEST_ID = 1
LONGEST_ID = 255


def subscribe(consumer: Consumer, cipher: FieldCipher, partners: tuple[Partner, ...]) -> None:
    """Say which function takes what."""
    consumer.on_batch(*TOLD)(on_told)
    for partner in partners:
        consumer.on_raw(partner_inbound(partner.id))(_on_partner(partner, cipher))


async def on_told(tx: Transaction, received: Sequence[Received[Any]]) -> None:
    """Clocks moved, or somebody was told by mail: each is a line of its case's timeline."""
    await note_happenings(tx, [(one.event.reference, _happening(one)) for one in received])


def _on_partner(partner: Partner, cipher: FieldCipher) -> Any:
    async def on_partner_message(tx: Transaction, delivery: Delivery) -> None:
        sender = Sender(f"partner:{partner.id}", frozenset(partner.areas), partner.id)
        message = _message(partner.id, delivery)
        with received_raw(delivery.raw.topic, delivery.headers, "intake", **{PARTNER: partner.id}):
            await take_partner_message(tx, cipher, message, sender, utc_now())

    return on_partner_message


def _message(partner: str, delivery: Delivery) -> PartnerMessage:
    """What came, as far as it can be read; without an id nobody can be answered."""
    message_id = text_headers(delivery.raw).get("ce_id", "").strip()
    if not SHORTEST_ID <= len(message_id) <= LONGEST_ID:
        raise Undecodable("ce_id is missing, too long or not UTF-8")
    return PartnerMessage(
        partner=partner,
        message_id=message_id,
        key=_key(delivery, message_id),
        digest=_digest(delivery),
        raw=msgspec.msgpack.encode(delivery.raw),
        content=_content(delivery),
    )


def _digest(delivery: Delivery) -> bytes:
    """Of the type and the body: a repeat has another time and another trace, and says the same."""
    kind = delivery.headers.type if delivery.headers else ""
    return sha256(msgspec.msgpack.encode([kind, delivery.raw.value])).digest()


def _content(delivery: Delivery) -> Submission | Refused:
    try:
        _require_known_type(delivery)
        return decode_json(delivery.raw.value, NotificationIn).submission()
    except Refused as refusal:
        return refusal


def _require_known_type(delivery: Delivery) -> None:
    if delivery.headers is None:
        raise Invalid(FieldError("headers", delivery.unreadable or "cannot be read"))
    if delivery.headers.type != NOTIFICATION_SUBMITTED:
        raise Invalid(FieldError("ce_type", f"must be {NOTIFICATION_SUBMITTED}"))


def _key(delivery: Delivery, message_id: str) -> str:
    """The receipt carries the message's own key; one that is no text is replaced by the id."""
    try:
        key = (delivery.raw.key or b"").decode()
    except UnicodeDecodeError:
        return message_id
    return key if key and "\0" not in key else message_id


def _happening(one: Received[Any]) -> Happening:
    what, facts = TOLD[type(one.event)], _facts(one.event)
    return Happening(
        at=one.headers.time,
        service=one.headers.source,
        what=what,
        text=told_text(facts) if what == "person.told" else clock_text(what, facts),
        facts=facts,
        trace_id=one.trace_id,
    )


def _facts(event: Event) -> dict[str, Any]:
    facts = msgspec.to_builtins(event)
    return {name: value for name, value in facts.items() if name not in {"reference", "area"}}
