"""Who holds a role on which day, and where nobody, several or too few people do: pure functions.

All periods are `[from, until)` in local dates.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from services.directory.domain.appointment import Appointment, Kind, Role


class Post(NamedTuple):
    """One role for one area: what an appointment fills."""

    area: str
    role: Role


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which the same appointments are in force for one post."""

    starts_on: date
    ends_on: date
    active: tuple[Appointment, ...]

    @property
    def holder(self) -> Appointment | None:
        """The appointment that counts on these days."""
        return _winner(self.active)


@dataclass(frozen=True, slots=True)
class Gap:
    """Days on which nobody holds a post."""

    post: Post
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Overlap:
    """Days with several appointments of one kind in force; `held_by` is the one that counts."""

    post: Post
    starts_on: date
    ends_on: date
    appointments: tuple[Appointment, ...]
    held_by: Appointment


@dataclass(frozen=True, slots=True)
class Load:
    """How many posts a person holds at once, at the most, and which they hold at all."""

    person: str
    most: int
    posts: tuple[Post, ...]


def by_post(appointments: Iterable[Appointment]) -> dict[Post, list[Appointment]]:
    """The appointments of each post."""
    posts: defaultdict[Post, list[Appointment]] = defaultdict(list)
    for appointment in appointments:
        posts[Post(appointment.area, appointment.role)].append(appointment)
    return dict(posts)


def holder_on(appointments: Iterable[Appointment], day: date) -> Appointment | None:
    """Who holds one post on a day: cover wins over substantive, later-begun cover over earlier."""
    return _winner(tuple(each for each in appointments if each.holds_on(day)))


def stretches(appointments: Sequence[Appointment], start: date, end: date) -> list[Stretch]:
    """One post's period cut where anything changes; joined without gaps from `start` to `end`."""
    cuts = sorted({start, end, *_changes(appointments, start, end)})
    return [
        Stretch(begin, until, tuple(each for each in appointments if each.holds_on(begin)))
        for begin, until in pairwise(cuts)
    ]


def gaps(post: Post, appointments: Sequence[Appointment], start: date, end: date) -> list[Gap]:
    """The longest runs of days on which nobody holds the post."""
    found: list[Gap] = []
    for stretch in stretches(appointments, start, end):
        if stretch.active:
            continue
        if found and found[-1].ends_on == stretch.starts_on:
            found[-1] = Gap(post, found[-1].starts_on, stretch.ends_on)
        else:
            found.append(Gap(post, stretch.starts_on, stretch.ends_on))
    return found


def overlaps(
    post: Post, appointments: Sequence[Appointment], start: date, end: date
) -> list[Overlap]:
    """Where several appointments of one kind are in force, and which of them counts."""
    return [
        Overlap(post, each.starts_on, each.ends_on, each.active, each.holder)
        for each in stretches(appointments, start, end)
        if each.holder is not None and _same_kind_twice(each.active)
    ]


def loads(posts: Mapping[Post, Sequence[Appointment]], start: date, end: date) -> list[Load]:
    """What each person holds in the period, the most heavily loaded first."""
    cuts = {start}.union(*(_changes(each, start, end) for each in posts.values()))
    most: defaultdict[str, int] = defaultdict(int)
    held: defaultdict[str, set[Post]] = defaultdict(set)
    for day in cuts:
        for person, theirs in _held_on(posts, day).items():
            most[person] = max(most[person], len(theirs))
            held[person] |= theirs
    found = [Load(person, most[person], tuple(sorted(held[person]))) for person in held]
    return sorted(found, key=lambda load: (-load.most, load.person))


def _held_on(posts: Mapping[Post, Sequence[Appointment]], day: date) -> dict[str, set[Post]]:
    held: defaultdict[str, set[Post]] = defaultdict(set)
    for post, appointments in posts.items():
        holder = holder_on(appointments, day)
        if holder is not None:
            held[holder.person].add(post)
    return held


def _changes(appointments: Iterable[Appointment], start: date, end: date) -> set[date]:
    days = {day for each in appointments for day in (each.starts_on, each.ends_on)}
    return {day for day in days if day is not None and start < day < end}


def _winner(active: Sequence[Appointment]) -> Appointment | None:
    def rank(each: Appointment) -> tuple[bool, date, str]:
        return (each.kind is Kind.COVER, each.starts_on, each.id)

    return max(active, key=rank, default=None)


def _same_kind_twice(active: Sequence[Appointment]) -> bool:
    return len({each.kind for each in active}) < len(active)
