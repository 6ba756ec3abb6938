"""The cluster in the compose file keeps what the topic map promises."""

import re

from deploy.kafka.grants import account, grants
from deploy.make_secrets import ACCOUNTS, BROKERS
from shared.events.topics import all_topics
from tests.deploy.compose import ROOT, SERVICES, containers, filled_in, of_service, secrets_of

PROPERTIES = dict(
    line.split("=", 1)
    for line in (ROOT / "deploy/kafka/server.properties").read_text().splitlines()
    if line and not line.startswith("#")
)
KAFKA = {name: each for name, each in containers().items() if re.fullmatch(r"kafka-\d", name)}
TOPICS = containers()["topics"]


def option(name: str) -> str:
    """The value of an option of the command that makes the topics."""
    command = TOPICS["command"]
    return filled_in(command[command.index(name) + 1], {})


def test_three_brokers_know_each_other() -> None:
    assert tuple(KAFKA) == BROKERS
    voters = {each["environment"]["VOTERS"] for each in KAFKA.values()}
    assert voters == {",".join(f"{number}@kafka-{number}:9093" for number in (1, 2, 3))}
    for number, (name, broker) in enumerate(KAFKA.items(), 1):
        assert broker["environment"]["NODE_ID"] == str(number)
        assert broker["environment"]["ADDRESS"] == name


def test_each_broker_has_a_disk_of_its_own() -> None:
    assert all(f"{name}:/var/lib/kafka/data" in broker["volumes"] for name, broker in KAFKA.items())


def test_topics_have_three_copies_and_a_send_counts_when_two_are_written() -> None:
    assert (option("--replication"), option("--min-insync")) == ("3", "2")
    assert PROPERTIES["default.replication.factor"] == option("--replication")
    assert PROPERTIES["min.insync.replicas"] == option("--min-insync")
    copies = {value for name, value in PROPERTIES.items() if name.endswith("replication.factor")}
    written = {value for name, value in PROPERTIES.items() if name.endswith("min.isr")}
    assert (copies, written) == ({"3"}, {"2"})
    assert int(option("--replication")) <= len(KAFKA)


def test_no_topic_is_made_by_being_asked_for() -> None:
    assert PROPERTIES["auto.create.topics.enable"] == "false"
    assert TOPICS["command"][:3] == ["python", "-m", "deploy.kafka.make_topics"]


def test_topics_are_made_for_the_very_partners_that_intake_answers() -> None:
    told = {containers()[name]["environment"]["SCRUTINY_PARTNERS"] for name in ("topics", "intake")}
    assert told == {"${SCRUTINY_PARTNERS:-[]}"}
    listed = '[{"id": "fife", "organisation": "Fife Council", "areas": ["S12000047"]}]'
    assert f"SCRUTINY_PARTNERS={listed}" in (ROOT / "deploy/.env.example").read_text()


def test_nothing_is_allowed_that_was_not_granted() -> None:
    assert PROPERTIES["allow.everyone.if.no.acl.found"] == "false"
    assert "--grant" in TOPICS["command"]


def test_every_byte_between_any_two_is_encrypted_and_signed_in() -> None:
    protocols = PROPERTIES["listener.security.protocol.map"].split(",")
    assert {each.split(":")[1] for each in protocols} == {"SASL_SSL"}


def test_everybody_on_the_map_has_an_account_and_signs_in_with_it() -> None:
    topics = all_topics(("fife",))
    needed = {account(who) for topic in topics for who in (topic.producer, *topic.consumers)}
    ours = needed - {"fife"}
    assert ours <= set(ACCOUNTS)
    for service in ours:
        for container in of_service(service).values():
            assert container["environment"]["SCRUTINY_KAFKA_SASL_USERNAME"] == service
            password = secrets_of(container)["scrutiny_kafka_sasl_password"]
            assert password == f"kafka_account_{service}"


def test_whoever_has_an_account_is_on_the_map() -> None:
    accounts = {grant.account for grant in grants(all_topics(()))}
    assert set(ACCOUNTS) - {"broker", "admin"} == accounts
    assert all(
        set(secrets_of(broker)) >= {f"kafka_account_{name}" for name in ACCOUNTS}
        for broker in KAFKA.values()
    )


def test_services_know_all_brokers_and_wait_for_their_topics() -> None:
    addresses = ",".join(f"{name}:9092" for name in KAFKA)
    workers = [f"{service}-worker" for service in SERVICES if f"{service}-worker" in containers()]
    assert len(workers) == 4
    for name in workers:
        assert containers()[name]["environment"]["SCRUTINY_KAFKA_BOOTSTRAP"] == addresses
        assert "topics" in containers()[name]["depends_on"]
