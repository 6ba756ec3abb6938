"""What the tests of an installation share: a cluster as the compose file makes it."""

from collections.abc import Iterator
from itertools import islice

import pytest

from deploy.certificates import issue
from deploy.kafka.make_grants import make_grants
from deploy.kafka.make_topics import make_topics
from deploy.local.ports import free_ports
from tests.deploy.brokers import ACCOUNTS, Broker, Brokers, program, serves, stop_all
from tests.servers import run_apart


@pytest.fixture(scope="package")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    """Three brokers that serve, with topics and grants as the `topics` container makes them."""
    folder = tmp_path_factory.mktemp("brokers")
    program(folder, "kafka-storage.sh", "kafka.tools.StorageTool")
    program(folder, "kafka-server-start.sh", "kafka.Kafka")
    (folder / "secrets").mkdir()
    for account in ACCOUNTS:
        (folder / f"secrets/kafka_account_{account}").write_text(f"password-of-{account}")
    authority, certificate = issue(["127.0.0.1", "kafka-1"])
    (folder / "secrets/kafka_ca").write_text(authority)
    (folder / "secrets/kafka_tls").write_text(certificate)
    ports = iter(free_ports(12))
    numbered = [(number, *islice(ports, 4)) for number in (1, 2, 3)]
    cluster = Brokers(folder, [Broker(a, b, c, d, e) for a, b, c, d, e in numbered])
    for broker in cluster.all:
        cluster.start(broker)
    try:
        for broker in cluster.all:
            log = folder / f"{broker.number}.log"
            assert serves(broker, within=90), log.read_text()
        admin = cluster.sign_in("admin")
        run_apart(make_topics(cluster.bootstrap, ["fife"], 3, 2, **admin))
        run_apart(make_grants(cluster.bootstrap, ["fife"], **admin))
        yield cluster
    finally:
        stop_all(cluster)
