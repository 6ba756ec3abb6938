"""`Idempotency-Key`: the same request sent twice takes effect once and gets the same answer."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

EXPIRES_AFTER_HOURS = 72


def idempotency_table(metadata: sa.MetaData) -> sa.Table:
    """Declare `idempotency_keys` on a service's metadata: one row a caller, route and key."""
    return sa.Table(
        "idempotency_keys",
        metadata,
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("route", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        # Null only inside the transaction that is still working on the answer.
        sa.Column("status", sa.SmallInteger),
        sa.Column("headers", JSONB(none_as_null=True)),
        # Encrypted with the service's field keys where it has any.
        sa.Column("answer", sa.LargeBinary),
        sa.Index("idempotency_keys_created_at", "created_at"),
    )
