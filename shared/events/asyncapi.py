"""The whole map of topics as one AsyncAPI 3.0 document, made from `topics.py`."""

from typing import Any

from shared.events.envelope import CONTENT_TYPE, Event
from shared.events.json_schema import Schema, components_of
from shared.events.partners import NOTIFICATION_SUBMITTED
from shared.events.topics import INTERNAL, Topic, partner_inbound, partner_receipts

COMPONENTS = "#/components/schemas/"
PARTNER = "{partner}"
INBOUND = partner_inbound(PARTNER)
TOPICS = (*INTERNAL, INBOUND, partner_receipts(PARTNER))
SUBMITTED = "NotificationSubmitted"


def document() -> Schema:
    """Every channel, who sends and who receives on it, and what its messages look like."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Strategic Scrutiny events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in Kafka binary mode. Internal channels carry"
            " references and codes, never personal data. Consumers ignore unknown members.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {_channel_id(topic): _channel(topic) for topic in TOPICS},
        "operations": dict(each for topic in TOPICS for each in _operations(topic)),
        "components": {
            "messages": {name: message for topic in TOPICS for name, message in _messages(topic)},
            "schemas": _schemas(),
        },
    }


def _channel_id(topic: Topic) -> str:
    """The topic's name in the characters an id may have: `partner.{partner}.…` is `partner.…`."""
    return topic.name.replace(f".{PARTNER}", "")


def _channel(topic: Topic) -> Schema:
    parameters = {"partner": {"description": "The partner's id, as in its access rules."}}
    return {
        "address": topic.name,
        "description": "Carries personal data; readable by one partner and intake only."
        if topic.personal
        else "Carries references and codes only.",
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"} for name, _ in _messages(topic)
        },
        **({"parameters": parameters} if PARTNER in topic.name else {}),
        "bindings": {"kafka": _binding(topic)},
    }


def _binding(topic: Topic) -> Schema:
    return {
        "partitions": topic.partitions,
        "topicConfiguration": {
            "cleanup.policy": ["delete"],
            "retention.ms": int(topic.retention.total_seconds() * 1000),
        },
        "bindingVersion": "0.5.0",
    }


def _operations(topic: Topic) -> list[tuple[str, Schema]]:
    """Seen from each service in turn: a partner's side is its own affair, ours is intake's."""
    channel = {"$ref": f"#/channels/{_channel_id(topic)}"}
    services = [(topic.producer, "send"), *((service, "receive") for service in topic.consumers)]
    return [
        (f"{service}.{action}.{_channel_id(topic)}", {"action": action, "channel": channel})
        for service, action in services
        if not service.startswith("partner:")
    ]


def _messages(topic: Topic) -> list[tuple[str, Schema]]:
    if topic is INBOUND:
        return [(SUBMITTED, _message(NOTIFICATION_SUBMITTED, SUBMITTED, "A partner's message."))]
    return [
        (event.__name__, _message(event.TYPE, event.__name__, (event.__doc__ or "").split("\n")[0]))
        for event in topic.events
    ]


def _message(type_: str, schema: str, summary: str) -> Schema:
    return {
        "name": type_,
        "summary": summary,
        "contentType": CONTENT_TYPE,
        "headers": _headers(type_, partner=type_ == NOTIFICATION_SUBMITTED),
        "payload": {"$ref": f"{COMPONENTS}{schema}"},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
    }


def _headers(type_: str, *, partner: bool) -> Schema:
    """CloudEvents attributes as headers; of a partner only the four that CloudEvents requires."""
    required: dict[str, Any] = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "description": "Unique; a message is applied once per id."},
        "ce_type": {"const": type_},
        "ce_source": {"type": "string"},
    }
    ours: dict[str, Any] = {
        "ce_subject": {"type": "string", "description": "The public reference."},
        "ce_partitionkey": {"type": "string", "description": "The aggregate's id; the Kafka key."},
        "ce_sequence": {"type": "string", "pattern": "^[0-9]+$"},
        "ce_time": {"type": "string", "format": "date-time"},
    }
    tracing = {"traceparent": {"type": "string"}, "tracestate": {"type": "string"}}
    content = {"content-type": {"const": CONTENT_TYPE}}
    promised = required | content if partner else required | ours | content
    return {
        "type": "object",
        "properties": promised | tracing,
        "required": list(promised),
    }


def _schemas() -> dict[str, Schema]:
    inbound = {
        "title": SUBMITTED,
        "description": "The body of `POST /notifications`, as intake's OpenAPI document describes"
        " it; one that is not valid is answered on the receipts channel, by field.",
        "type": "object",
    }
    events: list[type[Event]] = [event for topic in TOPICS for event in topic.events]
    found = {SUBMITTED: inbound}
    for event in events:
        found |= components_of(event, COMPONENTS)
    return dict(sorted(found.items()))
