"""Cases, from and to their rows."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.calendar import Pin
from services.deadlines.domain.case import Case
from services.deadlines.domain.facts import Facts
from services.deadlines.storage.json_text import as_json
from services.deadlines.storage.tables import CaseRow

Found = TypeVar("Found")


def readable(
    rows: Iterable[Any], read: Callable[[Any], Found], failed: list[str] | None
) -> list[Found]:
    """What these rows hold; the id of one that cannot be read goes to `failed`, if it is given."""
    found: list[Found] = []
    for row in rows:
        try:
            found.append(read(row))
        except Exception:
            if failed is None:
                raise
            failed.append(row.id)
    return found


async def add_cases(session: AsyncSession, cases: Sequence[Case]) -> None:
    """Write new cases; this transaction holds their rows from now on."""
    if cases:
        await session.execute(_NEW, [_new(case) for case in cases])


async def lock_known(session: AsyncSession, case_ids: Sequence[str]) -> set[str]:
    """Those of these cases that there are already, with their rows locked."""
    return set(await session.scalars(_KNOWN, {"ids": sorted(case_ids)}))


async def lock_case(session: AsyncSession, case_id: str) -> Case | None:
    """The case with its row locked, or None."""
    row = await session.get(CaseRow, case_id, with_for_update=True)
    return case_of(row) if row else None


async def load_case(session: AsyncSession, case_id: str) -> Case | None:
    """The case as it stands, or None."""
    row = await session.get(CaseRow, case_id)
    return case_of(row) if row else None


async def id_of_case(session: AsyncSession, reference: str) -> str | None:
    """The id behind a public reference; its column alone, so that a lock reads the rest anew."""
    return await session.scalar(select(col(CaseRow.id)).where(col(CaseRow.reference) == reference))


async def move_to_rules(session: AsyncSession, case: Case, rules: Sequence[str]) -> None:
    """Write which rules a locked case counts by, and take away clocks of rules it has no more."""
    await _change(session, case, rule_set=case.rule_set)
    for statement in _RETIRE:
        await session.execute(statement, {"case": case.id, "rules": list(rules)})


async def load_cases(session: AsyncSession, case_ids: Sequence[str]) -> dict[str, Case]:
    """These cases as they stand, by id."""
    rows = await session.execute(_THESE, {"cases": list(case_ids)})
    return {row.id: read_case(row) for row in rows}


async def save_cases(session: AsyncSession, cases: Sequence[tuple[Case, datetime | None]]) -> None:
    """Write what may change of cases whose rows are locked, and when to look at each again."""
    given = {
        "ids": [case.id for case, _ in cases],
        "facts": [as_json(case.facts) for case, _ in cases],
        "sequences": [case.sequence for case, _ in cases],
        "next_act_at": [at for _, at in cases],
        "calendars": [as_json(case.pins) for case, _ in cases],
        "received_at": [case.facts.received_at for case, _ in cases],
    }
    await session.execute(_SAVE, given)


async def save_sequence(session: AsyncSession, case: Case) -> None:
    """Write that one more event was published; the row of the case is locked."""
    await _change(session, case, sequence=case.sequence)


def _new(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "reference": case.reference,
        "kind": case.kind,
        "area": case.area,
        "rule_set": case.rule_set,
        "facts": msgspec.to_builtins(case.facts),
        "sequence": case.sequence,
        "begun_at": case.begun_at,
        "traceparent": case.traceparent,
        "calendars": msgspec.to_builtins(case.pins),
        "received_at": case.facts.received_at,
    }


async def _change(session: AsyncSession, case: Case, **values: object) -> None:
    changed = update(CaseRow).where(col(CaseRow.id) == case.id).values(values)
    await session.execute(changed, execution_options={"synchronize_session": False})


_RETIRED = "SELECT id FROM clocks WHERE case_id = :case AND NOT rule = ANY(CAST(:rules AS text[]))"
_RETIRE = (
    text(f"DELETE FROM reminders WHERE clock_id IN ({_RETIRED})"),  # noqa: S608 - written above
    text(f"DELETE FROM clocks WHERE id IN ({_RETIRED})"),  # noqa: S608 - written above
)
# What `read_case` reads first, in any statement over the cases.
CASE_COLUMNS = (
    "id, reference, kind, area, rule_set, facts::text, sequence, begun_at, traceparent, "
    "calendars::text"
)
_NEW = CaseRow.__table__.insert()  # pyright: ignore[reportAttributeAccessIssue]
_KNOWN = text("SELECT id FROM cases WHERE id = ANY(CAST(:ids AS text[])) ORDER BY id FOR UPDATE")
_THESE = text(
    f"SELECT {CASE_COLUMNS} FROM cases WHERE id = ANY(CAST(:cases AS text[]))"  # noqa: S608
)
_SAVE = text(
    """UPDATE cases SET facts = CAST(given.facts AS jsonb), sequence = given.sequence,
                        next_act_at = given.next_act_at, received_at = given.received_at,
                        calendars = CAST(given.calendars AS jsonb),
                        stuck_since = NULL, stuck_why = NULL
       FROM unnest(
           CAST(:ids AS text[]), CAST(:facts AS text[]), CAST(:sequences AS bigint[]),
           CAST(:next_act_at AS timestamptz[]), CAST(:calendars AS text[]),
           CAST(:received_at AS timestamptz[])
       ) AS given(id, facts, sequence, next_act_at, calendars, received_at)
       WHERE cases.id = given.id"""
)
_FACTS = msgspec.json.Decoder(Facts)
_PINS = msgspec.json.Decoder(dict[str, Pin])


def read_case(row: Row[Any]) -> Case:
    """The same as `case_of`, from `CASE_COLUMNS` in their order: many are read at once."""
    case, reference, kind, area, rule_set, facts, sequence, begun_at, trace, pins, *_ = tuple(row)
    return Case(
        id=case,
        reference=reference,
        kind=kind,
        area=area,
        rule_set=rule_set,
        facts=_FACTS.decode(facts),
        begun_at=begun_at,
        sequence=sequence,
        traceparent=trace,
        pins=_PINS.decode(pins),
    )


def case_of(row: CaseRow) -> Case:
    """The case that a row holds."""
    return Case(
        id=row.id,
        reference=row.reference,
        kind=row.kind,
        area=row.area,
        rule_set=row.rule_set,
        facts=msgspec.convert(row.facts, Facts),
        begun_at=row.begun_at,
        sequence=row.sequence,
        traceparent=row.traceparent,
        pins={rule: Pin(*pin) for rule, pin in row.calendars.items()},
    )
