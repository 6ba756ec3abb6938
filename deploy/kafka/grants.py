"""Who may do what on the bus, read off the topic map: nothing else is allowed to anybody."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from shared.events.topics import Topic

# A partner chooses names for its consumer groups, all of which begin like its topics.
PARTNER = re.compile(r"^partner:(?P<id>.+)$")


@dataclass(frozen=True, slots=True)
class Grant:
    """One account may do one thing to one topic or to one (family of) consumer group."""

    account: str
    may: Literal["read", "write"]
    what: Literal["topic", "group"]
    name: str
    prefix: bool = False


def grants(topics: Iterable[Topic]) -> list[Grant]:
    """Producers write their topics, consumers read theirs, each in groups of its own."""
    found: dict[Grant, None] = {}
    for topic in topics:
        found[Grant(account(topic.producer), "write", "topic", topic.name)] = None
        for reader in topic.consumers:
            found[Grant(account(reader), "read", "topic", topic.name)] = None
            found[_group(reader)] = None
    return list(found)


def account(who: str) -> str:
    """A service's account has its name, a partner's has the partner's id."""
    partner = PARTNER.match(who)
    return partner["id"] if partner else who


def _group(who: str) -> Grant:
    partner = PARTNER.match(who)
    if partner:
        return Grant(partner["id"], "read", "group", f"partner.{partner['id']}.", prefix=True)
    return Grant(who, "read", "group", who)
