"""The server.properties of the embedded broker, and the accounts it is formatted with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Listeners:
    """The loopback ports of one broker."""

    internal: int
    controller: int
    partners: int


def broker_settings(
    data: Path, listeners: Listeners, partners: Mapping[str, str]
) -> dict[str, str]:
    """One KRaft node that restarts fast, makes no topic by itself and lets partners do little."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{listeners.controller}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "INTERNAL",
        "listeners": (
            f"INTERNAL://127.0.0.1:{listeners.internal},"
            f"PARTNERS://127.0.0.1:{listeners.partners},"
            f"CONTROLLER://127.0.0.1:{listeners.controller}"
        ),
        "advertised.listeners": (
            f"INTERNAL://127.0.0.1:{listeners.internal},PARTNERS://127.0.0.1:{listeners.partners}"
        ),
        "listener.security.protocol.map": (
            "INTERNAL:PLAINTEXT,PARTNERS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT"
        ),
        "log.dirs": str(data),
        **_PARTNER_RULES,
        **_plain_accounts(partners),
        **_ONE_NODE,
        **_FAST_AND_SMALL,
    }


_PARTNER_RULES = {
    # PLAIN beside it because librdkafka before 2.6, such as Debian 12's kcat has, cannot sign in
    # with SCRAM to a Kafka that checks nonces; it never leaves this machine.
    "listener.name.partners.sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
    "listener.name.partners.scram-sha-512.sasl.jaas.config": (
        "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    ),
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "false",
    # The loopback listener of the services has no sign-in: whoever is on it is ours.
    "super.users": "User:ANONYMOUS",
}
_ONE_NODE = {
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "10",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "2",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
}
_FAST_AND_SMALL = {
    "group.initial.rebalance.delay.ms": "0",
    # With the defaults a broker that was killed stays fenced for nine seconds when it returns.
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "300",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
    "log.segment.bytes": str(128 * 1024 * 1024),
    "controlled.shutdown.max.retries": "1",
    "metadata.log.max.record.bytes.between.snapshots": str(4 * 1024 * 1024),
}


def _plain_accounts(partners: Mapping[str, str]) -> dict[str, str]:
    users = "".join(f' user_{name}="{password}"' for name, password in partners.items())
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return {"listener.name.partners.plain.sasl.jaas.config": f"{module} required{users};"}


def as_properties(settings: Mapping[str, str]) -> str:
    """The settings in the form Kafka reads."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def scram_options(passwords: Mapping[str, str]) -> list[str]:
    """The `--add-scram` options that create the partners' accounts while formatting."""
    return [
        option
        for user, password in passwords.items()
        for option in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]")
    ]
