"""The map of the system as a page for people, made from `topics.py`."""

from collections.abc import Iterator

import msgspec

from shared.events.asyncapi import INBOUND, PARTNER, TOPICS
from shared.events.envelope import Event
from shared.events.topics import Topic

OPENING = """# Events

Made from `topics.py` by `python -m shared.events.generate`; change the classes, not this page.
The same as contracts: `asyncapi.json` for the whole map, a JSON Schema an event in `schemas/`.

An event travels as CloudEvents 1.0 in Kafka's binary mode: its attributes are `ce_…` headers, its
body is JSON. `ce_partitionkey` is the aggregate's id and the Kafka key; `ce_sequence` is the
aggregate's version, and events of one key take effect in its order. Fields marked `?` may be
absent. Optional fields may be added; anything else is a new version of the event.
"""


def page() -> str:
    """Every topic: who writes it, who reads it, and what may be on it."""
    return "\n".join([OPENING, *(line for topic in TOPICS for line in _topic(topic))])


def _topic(topic: Topic) -> Iterator[str]:
    writer = topic.producer.replace(f":{PARTNER}", "")
    readers = " and ".join(topic.consumers).replace(f":{PARTNER}", "") or "nobody yet"
    days = f"kept {topic.retention.days} days"
    personal = ", **holds personal data**" if topic.personal else ""
    yield f"## `{topic.name}`\n"
    yield f"From {writer} to {readers}; {topic.partitions} partitions, {days}{personal}.\n"
    if topic is INBOUND:
        yield "The body of `POST /notifications`; each message is answered once on the receipts.\n"
        return
    yield "| event | what happened | body |\n|---|---|---|"
    yield from map(_event, topic.events)
    yield ""


def _event(event: type[Event]) -> str:
    what = (event.__doc__ or "").split("\n")[0]
    return f"| `{event.TYPE}` | {what} | {_body(event)} |"


def _body(event: type[Event]) -> str:
    fields = msgspec.structs.fields(event)
    return ", ".join(f"`{each.encode_name}`{'' if each.required else '?'}" for each in fields)
