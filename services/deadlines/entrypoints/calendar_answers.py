"""Calendars, their versions and their corrections as they are answered."""

from datetime import date, datetime
from typing import Any

from msgspec import Struct, field

from services.deadlines.domain.calendar import FALLBACK, Break, Calendar
from services.deadlines.domain.calendar_making import Difference
from services.deadlines.storage.calendar_tables import CalendarVersionRow, CorrectionRow, MoveRow
from services.deadlines.use_cases.preview_correction import Preview
from shared.areas import COUNCIL_AREAS


class CalendarLineOut(Struct, frozen=True, kw_only=True):
    """One calendar of the list; `follows` names the one used while it has no version of its own."""

    id: str
    name: str
    version: str | None
    follows: str | None
    known_from: date | None
    announced_until: date | None
    known_until: date | None


class HolidayOut(Struct, frozen=True):
    """One day that is not worked; after `announced_until` it is the usual pattern only."""

    date: date
    name: str


class SchoolHolidayOut(Struct, frozen=True):
    """Both days are included."""

    starts: date = field(name="from")
    ends: date = field(name="to")
    name: str


class CalendarOut(CalendarLineOut, frozen=True, kw_only=True):
    """One version of a calendar, whole."""

    holidays: list[HolidayOut]
    school_holidays: list[SchoolHolidayOut]


class VersionOut(Struct, frozen=True, kw_only=True):
    """Who made a version, from what, and why."""

    version: str
    source: str
    reason: str
    made_by: str
    made_at: datetime


class DifferenceOut(Struct, frozen=True, kw_only=True):
    """What the later version has that the earlier has not, and the other way round."""

    added: list[HolidayOut]
    removed: list[HolidayOut]
    renamed: list[HolidayOut]
    school_added: list[SchoolHolidayOut]
    school_removed: list[SchoolHolidayOut]


class MoveOut(Struct, frozen=True, kw_only=True):
    """One open clock, before and after."""

    clock: str
    reference: str
    area: str
    rule: str
    due_at_before: datetime | None
    due_at: datetime | None
    due_on_before: date | None
    due_on: date | None


class PreviewOut(Struct, frozen=True, kw_only=True):
    """What a change would do: `by_days` counts clocks by how many days they would move.

    `moves` are the first of them; `by_area` names council areas by their code; `uncounted` are
    cases that could not be counted.
    """

    difference: DifferenceOut
    examined: int
    uncounted: int
    moved: int
    by_days: dict[str, int]
    by_area: dict[str, int]
    moves: list[MoveOut]


class CorrectionOut(Struct, frozen=True, kw_only=True):
    """How far the open clocks have been moved on to a version; `ended_at` is null until all are.

    `set_aside` are cases that could not be counted yet; they are tried again every five minutes.
    """

    id: str
    calendar: str
    version: str
    began_at: datetime
    ended_at: datetime | None
    examined: int
    moved: int
    set_aside: int


def calendar_line(calendar_id: str, own: Calendar | None) -> CalendarLineOut:
    """One line of the list."""
    return CalendarLineOut(**_line(calendar_id, own))


def calendar_out(calendar: Calendar) -> CalendarOut:
    """One version."""
    return CalendarOut(
        **_line(calendar.id, calendar),
        holidays=_days(calendar.holidays),
        school_holidays=_breaks(calendar.school),
    )


def version_out(row: CalendarVersionRow) -> VersionOut:
    """One line of the history."""
    return VersionOut(
        version=str(row.version),
        source=row.source,
        reason=row.reason,
        made_by=row.made_by,
        made_at=row.made_at,
    )


def difference_out(found: Difference) -> DifferenceOut:
    """Between two versions."""
    return DifferenceOut(
        added=_days(found.added),
        removed=_days(found.removed),
        renamed=_days(found.renamed),
        school_added=_breaks(found.school_added),
        school_removed=_breaks(found.school_removed),
    )


def preview_out(difference: Difference, preview: Preview) -> PreviewOut:
    """What a change would do."""
    moves = [
        MoveOut(
            clock=move.before.known.id,
            reference=case.reference,
            area=case.area,
            rule=move.before.known.rule,
            due_at_before=move.before.due_at,
            due_at=move.clock.due_at,
            due_on_before=move.before.due_on,
            due_on=move.clock.counted.due_on,
        )
        for case, move in preview.first
    ]
    return PreviewOut(
        difference=difference_out(difference),
        examined=preview.examined,
        uncounted=preview.uncounted,
        moved=preview.moved,
        by_days={str(days): number for days, number in sorted(preview.by_days.items())},
        by_area=dict(sorted(preview.by_area.items())),
        moves=moves,
    )


def correction_out(row: CorrectionRow, set_aside: int = 0) -> CorrectionOut:
    """One correction."""
    return CorrectionOut(
        id=row.id,
        calendar=row.calendar,
        version=str(row.version),
        began_at=row.began_at,
        ended_at=row.ended_at,
        examined=row.examined,
        moved=row.moved,
        set_aside=set_aside,
    )


def move_out(row: MoveRow) -> MoveOut:
    """One clock that a correction moved."""
    return MoveOut(
        clock=row.clock_id,
        reference=row.reference,
        area=row.area,
        rule=row.rule,
        due_at_before=row.due_at_before,
        due_at=row.due_at_after,
        due_on_before=row.due_on_before,
        due_on=row.due_on_after,
    )


def _line(calendar_id: str, own: Calendar | None) -> dict[str, Any]:
    return {
        "id": calendar_id,
        "name": COUNCIL_AREAS.get(calendar_id, "Scotland"),
        "version": own.version if own else None,
        "follows": None if own else FALLBACK,
        "known_from": own.known_from if own else None,
        "announced_until": own.announced_until if own else None,
        "known_until": own.known_until if own else None,
    }


def _days(days: dict[date, str]) -> list[HolidayOut]:
    return [HolidayOut(day, name) for day, name in sorted(days.items())]


def _breaks(breaks: tuple[Break, ...]) -> list[SchoolHolidayOut]:
    return [SchoolHolidayOut(one.starts, one.ends, one.name) for one in breaks]
