"""The ceiling of a correction: the same rows, by SQL that was told every new date beforehand.

It counts no day and decides nothing: that is the part of the work that only we do.
"""

from datetime import timedelta

import asyncpg

# Written as it was: what comes after must find a version that there is.
PIN = ["icr-agency-report-14d", "1"]
_TAKE = """
    SELECT cases.id FROM cases JOIN clocks ON clocks.case_id = cases.id
    WHERE clocks.rule = $1 AND clocks.case_id > $2
        AND state IN ('not_started', 'open', 'due_soon', 'overdue', 'paused')
    ORDER BY clocks.case_id LIMIT $3 FOR NO KEY UPDATE OF cases
"""
_MOVES = """
    INSERT INTO calendar_moves (correction, clock_id, reference, area, rule,
        due_at_before, due_at_after, due_on_before, due_on_after)
    SELECT $3, clocks.id, cases.reference, cases.area, rule, due_at, due_at + $4::interval, due_on,
        (due_on + $4::interval)::date
    FROM cases JOIN clocks ON clocks.case_id = cases.id
    WHERE cases.id = ANY($1::text[]) AND rule = $2
"""
_CASES = """
    UPDATE cases SET sequence = sequence + 1, next_act_at = next_act_at + $2::interval,
        calendars = jsonb_set(calendars, $3::text[], calendars #> $3::text[])
    WHERE id = ANY($1::text[])
"""
_OUTBOX = """
    INSERT INTO outbox (event_id, shard, topic, key, sequence, type, subject, body, created_at)
    SELECT gen_random_uuid(), abs(hashtext(cases.id)) % 16, 'deadlines.clocks.v1', cases.id,
        cases.sequence, 'scot.scrutiny.clock.recomputed.v1', cases.reference,
        convert_to(json_build_object(
            'reference', cases.reference, 'area', cases.area, 'clock', clocks.id,
            'rule', rule, 'obligation', obligation, 'because', 'calendar-corrected',
            'act', $3::text,
            'due_at_before', due_at, 'due_at', due_at + $4::interval, 'due_on_before', due_on,
            'due_on', (due_on + $4::interval)::date, 'state_before', state, 'state', state
        )::text, 'UTF8'), now()
    FROM cases JOIN clocks ON clocks.case_id = cases.id
    WHERE cases.id = ANY($1::text[]) AND rule = $2
"""
_CLOCKS = """
    UPDATE clocks SET due_at = due_at + $3::interval, due_on = (due_on + $3::interval)::date,
        warn_at = warn_at + $3::interval
    WHERE case_id = ANY($1::text[]) AND rule = $2
"""
_BEGIN = """
    INSERT INTO calendar_corrections
        (id, calendar, version, began_at, ended_at, examined, moved)
    VALUES ($1, 'scotland', 0, now(), now(), 0, 0)
"""


async def recompute_raw(
    connection: asyncpg.Connection, rule: str, act: str, by: timedelta, batch: int
) -> int:
    """Move every open clock of a rule; answers how many there were."""
    await connection.execute(_BEGIN, act)
    behind, done = "", 0
    while True:
        async with connection.transaction():
            found = await connection.fetch(_TAKE, rule, behind, batch)
            cases = [row["id"] for row in found]
            await connection.execute(_MOVES, cases, rule, act, by)
            await connection.execute(_CASES, cases, by, PIN)
            await connection.execute(_OUTBOX, cases, rule, act, by)
            await connection.execute(_CLOCKS, cases, rule, by)
        done += len(cases)
        if len(cases) < batch:
            return done
        behind = cases[-1]
