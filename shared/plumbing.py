"""The tables every service has beside its own: messages, idempotency keys, the audit log."""

from typing import Any

from sqlalchemy import MetaData, text
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.audit import AUDIT_DDL, audit_table
from shared.messaging.tables import SHARDS, messaging_tables
from shared.web.idempotency import idempotency_table


class Plumbing:
    """Declares the shared tables on a service's metadata and keeps hold of each."""

    def __init__(self, metadata: MetaData) -> None:
        self.messaging = messaging_tables(metadata)
        self.idempotency_keys = idempotency_table(metadata)
        self.audit_log = audit_table(metadata)


def stop_notifying(op: Any) -> None:
    """Drop what once told relays within each commit, where a database was made with it.

    Commits that notify wait for each other's flush; `shared.messaging.bell` tells them after it.
    """
    op.execute(text("DROP TRIGGER IF EXISTS outbox_notify ON outbox"))
    op.execute(text("DROP FUNCTION IF EXISTS notify_outbox()"))


def create_plumbing(op: Any) -> None:
    """Create the shared tables in a service's first migration (`op` is Alembic's).

    Once a release is deployed this must keep the shape it had: a change of these tables is then a
    migration of its own in every service.
    """
    metadata = MetaData()
    Plumbing(metadata)
    for table in metadata.sorted_tables:
        op.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            op.execute(CreateIndex(index))
    for statement in AUDIT_DDL:
        op.execute(text(statement))
    op.execute(text(f"INSERT INTO relay_shards (shard) SELECT generate_series(0, {SHARDS - 1})"))
    op.execute(text("INSERT INTO relay_bus (one) VALUES (1)"))
