"""Spans and the one row a trace that is searched: one statement each for a whole batch."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.console.domain.span import Happening, Link, Span
from services.console.domain.trace_summary import summaries

MOST_SPANS = 2_000

_INSERT = text(
    """
    INSERT INTO spans (trace_id, span_id, parent_id, name, kind, service, start_ns, duration_ns,
                       failed, said, attributes, happenings, links, received_at)
    SELECT decode(s.trace_id, 'hex'), decode(s.span_id, 'hex'), decode(s.parent_id, 'hex'),
           s.name, s.kind, s.service, s.start_ns, s.duration_ns,
           s.failed, s.said, s.attributes, s.happenings, s.links, :now
    FROM jsonb_to_recordset(CAST(:spans AS jsonb)) AS s(
        trace_id text, span_id text, parent_id text, name text, kind text, service text,
        start_ns bigint, duration_ns bigint, failed boolean, said text,
        attributes jsonb, happenings jsonb, links jsonb)
    ON CONFLICT DO NOTHING
    RETURNING encode(trace_id, 'hex') AS trace_id, encode(span_id, 'hex') AS span_id
    """
)
_SUMMARISE = text(
    """
    INSERT INTO traces AS t (trace_id, started_ns, ended_ns, spans, failures, entry_name,
                             entry_service, services, "references", linked, seen_at)
    SELECT decode(s.trace_id, 'hex'), s.started_ns, s.ended_ns, s.spans, s.failures, s.entry_name,
           s.entry_service, s.services, s."references",
           ARRAY(SELECT decode(one, 'hex') FROM unnest(s.linked) AS one), :now
    FROM jsonb_to_recordset(CAST(:traces AS jsonb)) AS s(
        trace_id text, started_ns bigint, ended_ns bigint, spans int, failures int,
        entry_name text, entry_service text, services text[], "references" text[], linked text[])
    ON CONFLICT (trace_id) DO UPDATE SET
        started_ns = least(t.started_ns, excluded.started_ns),
        ended_ns = greatest(t.ended_ns, excluded.ended_ns),
        spans = t.spans + excluded.spans,
        failures = t.failures + excluded.failures,
        entry_name = CASE WHEN excluded.started_ns < t.started_ns
                          THEN excluded.entry_name ELSE t.entry_name END,
        entry_service = CASE WHEN excluded.started_ns < t.started_ns
                             THEN excluded.entry_service ELSE t.entry_service END,
        services = ARRAY(SELECT DISTINCT unnest(t.services || excluded.services) ORDER BY 1),
        "references" =
            ARRAY(SELECT DISTINCT unnest(t."references" || excluded."references") ORDER BY 1),
        linked = ARRAY(SELECT DISTINCT unnest(t.linked || excluded.linked) ORDER BY 1),
        seen_at = excluded.seen_at
    """
)
_OF_TRACE = text(
    """
    SELECT encode(trace_id, 'hex') AS trace_id, encode(span_id, 'hex') AS span_id,
           encode(parent_id, 'hex') AS parent_id, name, kind, service, start_ns, duration_ns,
           failed, said, attributes, happenings, links
    FROM spans
    WHERE trace_id = decode(:trace_id, 'hex')
       OR trace_id IN (SELECT trace_id FROM traces WHERE linked @> ARRAY[decode(:trace_id, 'hex')]
                       ORDER BY started_ns LIMIT 50)
    ORDER BY trace_id = decode(:trace_id, 'hex') DESC, start_ns, position
    LIMIT :most
    """
)
_TRIM_OLD = (
    text("DELETE FROM spans WHERE received_at < :before"),
    text("DELETE FROM traces WHERE seen_at < :before"),
)
_TRIM_MANY = text(
    """
    WITH gone AS (
        DELETE FROM spans WHERE position <= (SELECT max(position) FROM spans) - :keep
        RETURNING trace_id
    )
    DELETE FROM traces t USING (SELECT DISTINCT trace_id FROM gone) g
    WHERE t.trace_id = g.trace_id AND NOT EXISTS (
        SELECT FROM spans s WHERE s.trace_id = t.trace_id
        AND s.position > (SELECT max(position) FROM spans) - :keep)
    """
)


async def store_spans(session: AsyncSession, spans: Sequence[Span], now: datetime) -> int:
    """Keep those not kept before (an exporter may send a batch twice); answers how many."""
    given = _json([asdict(span) for span in spans])
    kept = (await session.execute(_INSERT, {"spans": given, "now": now})).all()
    ids = {(row.trace_id, row.span_id) for row in kept}
    new = [span for span in {span.id: span for span in spans}.values() if span.id in ids]
    traces = _json([asdict(summary) for summary in summaries(new)])
    await session.execute(_SUMMARISE, {"traces": traces, "now": now})
    return len(ids)


async def spans_of(session: AsyncSession, trace_id: str) -> list[Span]:
    """The spans of one trace, and of those that are linked to it, up to `MOST_SPANS`."""
    rows = await session.execute(_OF_TRACE, {"trace_id": trace_id, "most": MOST_SPANS})
    return [_span(row) for row in rows]


async def trim_spans(session: AsyncSession, now: datetime, keep_days: float, keep: int) -> None:
    """Forget what is older than `keep_days`, and the oldest beyond `keep` spans."""
    for statement in _TRIM_OLD:
        await session.execute(statement, {"before": now - timedelta(days=keep_days)})
    await session.execute(_TRIM_MANY, {"keep": keep})


def _span(row: Row[Any]) -> Span:
    told = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns
    told["happenings"] = tuple(Happening(**one) for one in told["happenings"])
    told["links"] = tuple(Link(**one) for one in told["links"])
    return Span(**told)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
