"""Intake from the bus: partners' messages, and what deadlines says of our cases."""

from hashlib import sha256
from typing import Any

import msgspec

from services.intake.domain.notification import Submission
from services.intake.domain.timeline import Happening, clock_text, told_text
from services.intake.entrypoints.schemas import NotificationIn
from services.intake.settings import Partner
from services.intake.use_cases.note_happening import note_happening
from services.intake.use_cases.receive_notification import Sender
from services.intake.use_cases.take_partner_message import PartnerMessage, take_partner_message
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.errors import FieldError, Invalid, Refused
from shared.events import deadlines
from shared.events.envelope import Event, Headers
from shared.events.partners import NOTIFICATION_SUBMITTED
from shared.events.topics import partner_inbound
from shared.messaging.delivery import Delivery, text_headers
from shared.messaging.inbox import Consumer, Undecodable
from shared.messaging.spans import received_raw
from shared.telemetry import PARTNER, current_trace_id
from shared.transaction import Transaction
from shared.web.bodies import decode_json

CLOCK_EVENTS: dict[type[Event], str] = {
    deadlines.ClockStarted: "clock.started",
    deadlines.ClockDueSoon: "clock.due-soon",
    deadlines.ClockOverdue: "clock.overdue",
    deadlines.ClockMet: "clock.met",
    deadlines.ClockCancelled: "clock.cancelled",
    deadlines.ClockReopened: "clock.reopened",
}
SHORTEST_ID = 1
LONGEST_ID = 255


def subscribe(consumer: Consumer, cipher: FieldCipher, partners: tuple[Partner, ...]) -> None:
    """Say which function takes what."""
    for event, what in CLOCK_EVENTS.items():
        consumer.on(event)(_on_clock(what))
    consumer.on(deadlines.PersonTold)(on_person_told)
    for partner in partners:
        consumer.on_raw(partner_inbound(partner.id))(_on_partner(partner, cipher))


async def on_person_told(tx: Transaction, event: deadlines.PersonTold, headers: Headers) -> None:
    """Somebody was told by mail."""
    facts = _facts(event)
    line = _happening("person.told", told_text(facts), facts, headers)
    await note_happening(tx, event.reference, line)


def _on_clock(what: str) -> Any:
    async def on_clock_event(tx: Transaction, event: Any, headers: Headers) -> None:
        facts = _facts(event)
        line = _happening(what, clock_text(what, facts), facts, headers)
        await note_happening(tx, event.reference, line)

    return on_clock_event


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


def _happening(what: str, text: str, facts: dict[str, Any], headers: Headers) -> Happening:
    return Happening(
        at=headers.time,
        service=headers.source,
        what=what,
        text=text,
        facts=facts,
        trace_id=current_trace_id(),
    )


def _facts(event: Event) -> dict[str, Any]:
    facts = msgspec.to_builtins(event)
    return {name: value for name, value in facts.items() if name not in {"reference", "area"}}
