"""What each account may do on the bus is what the topic map says, and no more."""

import pytest

from deploy.kafka.grants import Grant, grants
from shared.events.topics import INTERNAL, all_topics

GRANTS = grants(all_topics(("fife", "moray")))


def of(account: str) -> set[Grant]:
    """Everything one account may do."""
    return {grant for grant in GRANTS if grant.account == account}


def test_a_partner_writes_its_own_topic_and_reads_its_own_answers() -> None:
    assert of("fife") == {
        Grant("fife", "write", "topic", "partner.fife.notifications.v1"),
        Grant("fife", "read", "topic", "partner.fife.receipts.v1"),
        Grant("fife", "read", "group", "partner.fife.", prefix=True),
    }


@pytest.mark.parametrize("topic", INTERNAL, ids=lambda topic: topic.name)
def test_only_its_producer_writes_a_topic(topic) -> None:  # noqa: ANN001 - a topic of the map
    writers = {each.account for each in GRANTS if each.name == topic.name and each.may == "write"}
    assert writers == {topic.producer}


def test_nobody_but_intake_reads_what_partners_send() -> None:
    readers = {
        grant.account
        for grant in GRANTS
        if grant.name.endswith(".notifications.v1")
        and grant.name.startswith("partner.")
        and grant.may == "read"
    }
    assert readers == {"intake"}


def test_a_service_reads_in_the_group_of_its_own_name() -> None:
    assert Grant("deadlines", "read", "group", "deadlines") in GRANTS


def test_no_right_is_given_twice() -> None:
    assert len(GRANTS) == len(set(GRANTS))
