"""Makes the archive that lets Kafka start faster: one start of a broker that nobody uses."""

import shutil
import tempfile
from pathlib import Path

from deploy.local.failures import StackFailure
from deploy.local.kafka_jars import Say, class_path
from deploy.local.kafka_java import archive
from deploy.local.ports import free_ports

# Writing the archive is the last thing that Java does, and takes a few seconds.
WRITE_SECONDS = 120


def make_archive(say: Say) -> None:
    """Once for each Java and set of jars; what goes wrong costs speed and nothing else."""
    class_path(say)
    say("Kafka: learning to start faster, once")
    with tempfile.TemporaryDirectory(dir=archive().parent) as folder:
        trained = Path(folder) / "kafka.aot"
        try:
            _train(Path(folder), trained)
        except StackFailure:
            # An empty archive is not used, and keeps us from trying again at every start.
            trained.touch()
        shutil.move(trained, archive())


def _train(folder: Path, trained: Path) -> None:
    from deploy.local.kafka import EmbeddedKafka

    port, controller, partners = free_ports(3)
    broker = EmbeddedKafka(
        folder / "broker", port, controller, partner_port=partners, train=trained
    )
    broker.start()
    broker.stop(within=WRITE_SECONDS)
    if not trained.exists():
        raise StackFailure("Java wrote no archive.")
