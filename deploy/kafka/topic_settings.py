"""How each topic of the map is set up on a broker; broker defaults are never relied on."""

from datetime import timedelta

from shared.events.topics import MAX_MESSAGE_BYTES, Topic

SEGMENT = timedelta(days=1)


def topic_settings(topic: Topic, min_insync: int) -> dict[str, str]:
    """The dynamic settings of one topic, complete: whatever is not here is the broker's default.

    Segments are closed daily, because retention only ever removes closed ones: a personal topic
    forgets at most one day later than it promises.
    """
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(milliseconds(topic.retention)),
        "segment.ms": str(milliseconds(SEGMENT)),
        "min.insync.replicas": str(min_insync),
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
        # Measured unpacked where others write, or a few bytes could become gigabytes in intake.
        "compression.type": "uncompressed" if _from_outside(topic) else "producer",
        "unclean.leader.election.enable": "false",
    }


def _from_outside(topic: Topic) -> bool:
    return topic.producer.startswith("partner:")


def milliseconds(span: timedelta) -> int:
    """A span of time as Kafka writes it."""
    return span // timedelta(milliseconds=1)
