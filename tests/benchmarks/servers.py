"""The servers a benchmark stands on: started when first asked for, stopped at the end."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.kafka.make_topics import make_topics
from deploy.local.kafka import EmbeddedKafka
from tests.servers import HASTE, PARTNER, PostgresServer, kafka_server, run_apart


class DurablePostgres(PostgresServer):
    """PostgreSQL as a case is kept: a commit is on the disk before it is answered."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for setting in ("fsync", "full_page_writes"):
            self.settings.pop(setting, HASTE[setting])


class Servers:
    """`postgres` and `kafka` of a benchmark; in the tests, those of the tests."""

    def __init__(
        self, postgres: PostgresServer | None = None, kafka: EmbeddedKafka | None = None
    ) -> None:
        self._postgres = postgres
        self._kafka = kafka
        self._open = ExitStack()

    @property
    def postgres(self) -> PostgresServer:
        """A PostgreSQL; `postgres.fresh_database("intake")` is a migrated database on it."""
        if self._postgres is None:
            self._postgres = DurablePostgres(self._folder("postgres"))
            self._postgres.start()
            self._open.callback(self._postgres.stop)
        return self._postgres

    @property
    def kafka(self) -> EmbeddedKafka:
        """A Kafka with every topic; `kafka.bootstrap` is where it is reached."""
        if self._kafka is None:
            self._kafka = kafka_server(self._folder("kafka"))
            self._kafka.start()
            self._open.callback(self._kafka.stop)
            run_apart(make_topics(self._kafka.bootstrap, [PARTNER]))
        return self._kafka

    def close(self) -> None:
        """Stop what was started here."""
        self._open.close()

    def _folder(self, name: str) -> Path:
        made = TemporaryDirectory(prefix=f"scrutiny-bench-{name}-", ignore_cleanup_errors=True)
        return Path(self._open.enter_context(made))


@contextmanager
def servers() -> Iterator[Servers]:
    """Servers of their own, for as long as the block runs."""
    started = Servers()
    try:
        yield started
    finally:
        started.close()
