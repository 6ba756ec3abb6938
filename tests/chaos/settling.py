"""When everything has come to rest: nothing to send, nothing to read, no mail owed."""

import asyncio
import time
from collections.abc import Iterable

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from shared.events.topics import DEADLINES, INTAKE
from tests.chaos.bus_extract import Bus, Places
from tests.chaos.evidence import left_over
from tests.chaos.ground import Ground
from tests.system.partner import INBOUND

READS = {"deadlines": (INTAKE.name,), "intake": (DEADLINES.name, INBOUND)}
PAUSE_SECONDS = 0.5
MOVE_SECONDS = 30.0
# Every case begins with one mail, and ends here when somebody was told.
_OWED = """SELECT (SELECT count(*) FROM cases) - (SELECT count(*) FROM outbox
                   WHERE type = 'scot.scrutiny.person.told.v1'
                   AND convert_from(body, 'UTF8')::json ->> 'about' = 'notification') AS owed"""


async def settled(ground: Ground, within: float, *, mails: bool = True) -> None:
    """Return when it is at rest, seen twice; at the end say what still moves.

    A system that is built wrongly may owe mails for ever: there they are not waited for.
    """
    deadline, calm = time.monotonic() + within, 0
    while calm < 2:
        moving = await _moving(ground) or (mails and await _owing(ground))
        calm = 0 if moving else calm + 1
        assert time.monotonic() < deadline, f"not at rest within {within:g} s: {moving}"
        await asyncio.sleep(PAUSE_SECONDS)


async def unread(ground: Ground, group: str) -> Places:
    """Places from which a group would go on, of those where there is more to read."""
    bus = Bus(ground.system.bootstrap)
    ends = await asyncio.to_thread(bus.ends, READS[group])
    read = await asyncio.to_thread(_committed, ground.system.bootstrap, group, ends)
    return {place: read[place] for place, end in ends.items() if read[place] < end}


async def forget_the_past(ground: Ground) -> None:
    """Groups go on at the end of every topic: what was there before is no part of this attack."""
    for group, topics in READS.items():
        await asyncio.to_thread(_move_to_end, ground.system.bootstrap, group, topics)


async def _moving(ground: Ground) -> str:
    for service in READS:
        if unsent := (await left_over(ground, service))["unsent"]:
            return f"{service} has {unsent} events to send"
    for group in READS:
        if left := await unread(ground, group):
            return f"{group} has not read {left}"
    return ""


async def _owing(ground: Ground) -> str:
    owed = (await ground.rows("deadlines", _OWED))[0]["owed"]
    return f"{owed} mails are owed" if owed else ""


def _committed(bootstrap: str, group: str, places: Iterable[tuple[str, int]]) -> Places:
    wanted = [TopicPartition(*place) for place in places]
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": "0"})
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group, wanted)])
    answer = asked[group].result(20).topic_partitions
    return {(one.topic, one.partition): max(0, one.offset) for one in answer}


def _move_to_end(bootstrap: str, group: str, topics: Iterable[str]) -> None:
    ends = Bus(bootstrap).ends(topics)
    if not any(ends.values()):
        return
    places = [TopicPartition(*place, end) for place, end in ends.items()]
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": "0"})
    wanted = [ConsumerGroupTopicPartitions(group, places)]
    deadline = time.monotonic() + MOVE_SECONDS
    while True:
        try:
            admin.alter_consumer_group_offsets(wanted)[group].result(20)
        except KafkaException:
            # Members that were killed are counted until their sessions end.
            assert time.monotonic() < deadline, f"the group {group} could not be moved"
            time.sleep(0.5)
        else:
            return
