"""What somebody asks of statistics, and what may leave the house."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from litestar.params import QueryParameter

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.statistics import Audience, By
from services.deadlines.entrypoints.reading import Reading
from services.deadlines.storage.statistics import Asked
from shared.access.principal import Principal
from shared.areas import COUNCIL_AREAS
from shared.clock import london_date, utc_now

FORMATS = ("json", "csv", "xlsx")
LONGEST_YEARS = 20
_QUARTERS = {1, 4, 7, 10}

Starts = Annotated[str | None, QueryParameter(name="from", description="first day, 2026-01-01")]
Ends = Annotated[str | None, QueryParameter(name="to", description="first day after it")]
Format = Annotated[str, QueryParameter(name="format", description=f"one of: {', '.join(FORMATS)}")]
ByRow = Annotated[str, QueryParameter(name="by", description=f"one of: {', '.join(By)}")]
ForWhom = Annotated[
    str | None,
    QueryParameter(
        name="audience",
        description="inside, or outside (the default of files): small numbers are withheld",
    ),
]


@dataclass(frozen=True, slots=True)
class Wish:
    """One table as it was asked for."""

    asked: Asked
    starts: date
    ends: date
    audience: Audience
    as_file: str


@dataclass(frozen=True, slots=True)
class Period:
    """From a day up to another, as they were written; None where it was left open."""

    starts: str | None
    ends: str | None


async def period(starts: Starts = None, ends: Ends = None) -> Period:
    """Read both from the query string."""
    return Period(starts, ends)


async def wish(
    principal: Principal,
    rulebook: Rulebook,
    period: Period,
    by: ByRow = By.AREA,
    kind: str | None = None,
    area: str | None = None,
    audience: ForWhom = None,
    as_file: Format = "json",
) -> Wish:
    """Read the query string; areas the caller may not see hold nothing.

    What is shared is a table of all areas and kinds over whole quarters: from two tables that
    differ by a little, their difference could be worked out.
    """
    reading = Reading()
    reading.one_of("by", by, By)
    reading.one_of("format", as_file, FORMATS)
    whom = audience or (Audience.INSIDE if as_file == "json" else Audience.OUTSIDE)
    reading.one_of("audience", whom, Audience)
    if kind is not None:
        reading.one_of("kind", kind, rulebook.in_force.by_kind)
    if area is not None and area not in COUNCIL_AREAS:
        reading.wrong("area", "must be the GSS code of a council area, such as S12000047")
    first, last = _period(reading, period.starts, period.ends)
    if whom == Audience.OUTSIDE:
        _check_shared(reading, principal, kind or area, first, last)
    reading.refuse_broken()
    asked = Asked(By(by), _areas(principal, area), kind)
    return Wish(asked, first, last, Audience(whom), as_file)


def _areas(principal: Principal, area: str | None) -> frozenset[str] | None:
    if area is None:
        return principal.areas
    return frozenset({area} if principal.may_see(area) else ())


def _period(reading: Reading, starts: str | None, ends: str | None) -> tuple[date, date]:
    """The quarter that runs and the three before it, unless given."""
    today = london_date(utc_now())
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    last = reading.day("to", ends) or (quarter + timedelta(days=100)).replace(day=1)
    first = reading.day("from", starts) or date(last.year - 1, last.month, 1)
    if first >= last:
        reading.wrong("to", "must be after from")
    elif last.year - first.year > LONGEST_YEARS:
        reading.wrong("from", f"must be at most {LONGEST_YEARS} years before to")
    return first, last


def _check_shared(
    reading: Reading, principal: Principal, narrowed: str | None, first: date, last: date
) -> None:
    if narrowed is not None or principal.areas is not None:
        said = "must be inside for single areas and kinds: what is shared is of all of them"
        reading.wrong("audience", said)
    for name, day in (("from", first), ("to", last)):
        if day.day != 1 or day.month not in _QUARTERS:
            reading.wrong(name, "must be the first day of a quarter in a table that is shared")
