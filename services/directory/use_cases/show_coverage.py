"""Gaps, overlaps and loads of a period, so that they are seen before they bite."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.directory.domain.appointment import Role
from services.directory.domain.area import Area
from services.directory.domain.coverage import (
    Gap,
    Load,
    Overlap,
    Post,
    by_post,
    gaps,
    loads,
    overlaps,
)
from services.directory.domain.person import Person
from services.directory.storage.appointments import appointments_between
from services.directory.storage.areas import load_areas
from services.directory.storage.people import people_by_id
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a period looks like over all posts; `people` are those named in the loads."""

    gaps: list[Gap]
    overlaps: list[Overlap]
    loads: list[Load]
    people: dict[str, Person]


async def show_coverage(tx: Transaction, cipher: FieldCipher, start: date, end: date) -> Coverage:
    """The coverage of every role of every area on the days `[start, end)`."""
    posts = by_post(await appointments_between(tx.session, start, end))
    carried = loads(posts, start, end)
    found_gaps: list[Gap] = []
    found_overlaps: list[Overlap] = []
    for post, begin, until in _posts(await load_areas(tx.session), start, end):
        found_gaps += gaps(post, posts.get(post, []), begin, until)
        found_overlaps += overlaps(post, posts.get(post, []), begin, until)
    people = await people_by_id(tx.session, cipher, (load.person for load in carried))
    return Coverage(found_gaps, found_overlaps, carried, people)


def _posts(areas: Iterable[Area], start: date, end: date) -> Iterable[tuple[Post, date, date]]:
    """Every post with the days of the period on which its area's code is in use."""
    for area in areas:
        begin, until = max(start, area.valid_from or start), min(end, area.valid_to or end)
        if begin < until:
            yield from ((Post(area.gss_code, role), begin, until) for role in Role)
