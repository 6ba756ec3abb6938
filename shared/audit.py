"""The audit trail: who did what to which thing, in order, and never changed afterwards.

Each row carries the hash of the row before it for the same subject, so a row that is altered,
or taken out of the middle, shows. Before and after hold references and states, never personal data.
"""

from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

AUDIT_DDL = (
    """
    CREATE OR REPLACE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = '42501';
    END $$
    """,
    """
    CREATE OR REPLACE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only()
    """,
)


def audit_table(metadata: sa.MetaData) -> sa.Table:
    """Declare `audit_log` on a service's metadata; its triggers come with `create_all`."""
    table = sa.Table(
        "audit_log",
        metadata,
        sa.Column("entry", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("before", JSONB(none_as_null=True)),
        sa.Column("after", JSONB(none_as_null=True)),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("subject", "position", name="audit_log_subject_position"),
    )
    for statement in AUDIT_DDL:
        event.listen(table, "after_create", sa.DDL(statement.replace("%", "%%")))
    return table


class HasSession(Protocol):
    """Anything with an open session: a transaction of ours."""

    @property
    def session(self) -> AsyncSession: ...


# The text that is hashed is made by PostgreSQL on both sides, so that writing and checking
# can never disagree about how a number or a key order is spelled.
_DIGEST = """sha256(coalesce({previous}, ''::bytea) || convert_to(jsonb_build_array(
    {row}.subject, {row}.position, extract(epoch FROM {row}.at), {row}.actor, {row}.act,
    {row}.reason, {row}.before, {row}.after)::text, 'UTF8'))"""

_APPEND = sa.text(f"""
    WITH last AS (
        SELECT position, hash FROM audit_log WHERE subject = :subject
        ORDER BY position DESC LIMIT 1
    ), next AS (
        SELECT CAST(:subject AS text) AS subject,
            coalesce((SELECT position FROM last), 0) + 1 AS position,
            CAST(:at AS timestamptz) AS at, CAST(:actor AS text) AS actor,
            CAST(:act AS text) AS act, CAST(:reason AS text) AS reason,
            CAST(:before AS jsonb) AS before, CAST(:after AS jsonb) AS after
    )
    INSERT INTO audit_log (subject, position, at, actor, act, reason, before, after, hash)
    SELECT next.*, {_DIGEST.format(previous="(SELECT hash FROM last)", row="next")} FROM next
""").bindparams(  # noqa: S608 - both parts are written above
    sa.bindparam("before", type_=JSONB(none_as_null=True)),
    sa.bindparam("after", type_=JSONB(none_as_null=True)),
)

_BROKEN = sa.text(f"""
    SELECT subject, position FROM (
        SELECT row.*, lag(hash) OVER chain AS previous, row_number() OVER chain AS expected
        FROM audit_log AS row WINDOW chain AS (PARTITION BY subject ORDER BY position)
    ) AS row
    WHERE position <> expected OR hash <> {_DIGEST.format(previous="previous", row="row")}
    ORDER BY subject, position LIMIT 1
""")  # noqa: S608 - both parts are written above


async def record(
    tx: HasSession,
    *,
    actor: str,
    act: str,
    subject: str,
    now: datetime,
    reason: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append one entry in the caller's transaction; two at once on one subject: one is refused.

    Callers hold the subject's row lock already, so that refusal means a lock was forgotten.
    """
    values = {"actor": actor, "act": act, "subject": subject, "reason": reason, "at": now}
    await tx.session.execute(_APPEND, values | {"before": before, "after": after})


async def first_broken(session: AsyncSession) -> tuple[str, int] | None:
    """The first subject and position whose chain does not hold, or None when all of it does."""
    row = (await session.execute(_BROKEN)).first()
    return None if row is None else (row.subject, row.position)
