"""The ceiling of a sweep: the same rows, written by hand in SQL that was told what it will find.

It knows that every case it takes has become overdue, and counts nothing: that is the part of the
work that only we do.
"""

from datetime import datetime

import asyncpg

_TAKE = """
    SELECT id FROM cases WHERE next_act_at <= $1 ORDER BY next_act_at LIMIT $2
    FOR UPDATE SKIP LOCKED
"""
_CASES = """
    UPDATE cases SET sequence = sequence + 1, next_act_at = $2::timestamptz + interval '3 days'
    WHERE id = ANY($1::text[])
"""
_CLOCKS = """
    UPDATE clocks SET state = 'overdue', told = told || '{overdue}'
    WHERE case_id = ANY($1::text[]) AND rule = 'icr-agency-report-14d'
"""
_REMINDERS = """
    INSERT INTO reminders (clock_id, due_at, rung, verdict, reached_at, decided_at)
    SELECT id, due_at, 'overdue', 'told', due_at, $2
    FROM clocks WHERE case_id = ANY($1::text[]) AND rule = 'icr-agency-report-14d'
"""
_MAILS = """
    INSERT INTO mails (message_id, case_id, about, audience, rule, clock_id, rung, due_at,
                       traceparent, created_at, state, attempts, next_try_at)
    SELECT '<overdue.' || clocks.rule || '.' || cases.reference || '.20260225T000000@d>', cases.id,
           'overdue', 'link-inspector', clocks.rule, clocks.id, 'overdue', clocks.due_at,
           cases.traceparent, $2, 'owed', 0, now()
    FROM cases JOIN clocks ON clocks.case_id = cases.id
    WHERE cases.id = ANY($1::text[]) AND clocks.rule = 'icr-agency-report-14d'
"""
_OUTBOX = """
    INSERT INTO outbox (event_id, shard, topic, key, sequence, type, subject, body, created_at)
    SELECT gen_random_uuid(), abs(hashtext(cases.id)) % 16, 'deadlines.clocks.v1', cases.id,
           cases.sequence, 'scot.scrutiny.clock.overdue.v1', cases.reference,
           convert_to(json_build_object(
               'reference', cases.reference, 'area', cases.area, 'clock', clocks.id,
               'rule', clocks.rule, 'obligation', clocks.obligation, 'due_at', clocks.due_at
           )::text, 'UTF8'), $2
    FROM cases JOIN clocks ON clocks.case_id = cases.id
    WHERE cases.id = ANY($1::text[]) AND clocks.rule = 'icr-agency-report-14d'
"""


async def sweep_raw(connection: asyncpg.Connection, now: datetime, batch: int) -> int:
    """Everything that is due, a transaction a batch; answers how many cases there were."""
    done = 0
    while taken := await _batch(connection, now, batch):
        done += taken
    return done


async def _batch(connection: asyncpg.Connection, now: datetime, limit: int) -> int:
    async with connection.transaction():
        cases = [row["id"] for row in await connection.fetch(_TAKE, now, limit)]
        if cases:
            await connection.execute(_CLOCKS, cases)
            for statement in (_CASES, _REMINDERS, _MAILS, _OUTBOX):
                await connection.execute(statement, cases, now)
        return len(cases)
