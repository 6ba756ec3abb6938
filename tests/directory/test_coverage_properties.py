"""Coverage agrees, for any appointments, with walking through the days one by one."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.directory.domain.appointment import Appointment, Kind, Role
from services.directory.domain.coverage import (
    Post,
    by_post,
    gaps,
    holder_on,
    loads,
    overlaps,
    stretches,
)
from tests.directory.builders import FIFE, STIRLING
from tests.directory.slow_coverage import every_day, slow_doubled, slow_holder, slow_uncovered

START = date(2026, 3, 1)
LENGTH = 40
POST = Post(FIFE, Role.LINK_INSPECTOR)
days = st.integers(-10, LENGTH + 10).map(lambda number: START + timedelta(days=number))
ends = st.integers(1, LENGTH).map(lambda number: START + timedelta(days=number))


@st.composite
def an_appointment(draw: st.DrawFn) -> Appointment:
    starts_on = draw(days)
    length = draw(st.none() | st.integers(0, 30))
    return Appointment(
        id=draw(st.uuids().map(str)),
        person=draw(st.sampled_from(["ann", "bea", "cal"])),
        role=Role.LINK_INSPECTOR,
        area=draw(st.sampled_from([FIFE, STIRLING])),
        kind=draw(st.sampled_from(Kind)),
        starts_on=starts_on,
        ends_on=None if length is None else starts_on + timedelta(days=length),
    )


many = st.lists(an_appointment(), max_size=6)


@given(many, days)
def test_who_holds_a_role_on_a_day(appointments: list[Appointment], day: date) -> None:
    assert holder_on(appointments, day) == slow_holder(appointments, day)


@given(many, days)
def test_cover_wins_over_substantive(appointments: list[Appointment], day: date) -> None:
    holder = holder_on(appointments, day)
    if any(each.kind is Kind.COVER and each.holds_on(day) for each in appointments):
        assert holder is not None
        assert holder.kind is Kind.COVER


@given(many, ends)
def test_stretches_join_without_gaps_and_say_who_holds_each_day(
    appointments: list[Appointment], end: date
) -> None:
    found = stretches(appointments, START, end)
    walked = [
        (day, each.holder) for each in found for day in every_day(each.starts_on, each.ends_on)
    ]
    assert walked == [(day, slow_holder(appointments, day)) for day in every_day(START, end)]


@given(many, ends)
def test_gaps_are_the_days_without_a_holder_in_the_fewest_pieces(
    appointments: list[Appointment], end: date
) -> None:
    found = gaps(POST, appointments, START, end)
    walked = [day for gap in found for day in every_day(gap.starts_on, gap.ends_on)]
    assert walked == slow_uncovered(appointments, START, end)
    assert all(one.ends_on < two.starts_on for one, two in pairwise(found))


@given(many, ends)
def test_overlaps_are_the_days_with_two_of_one_kind(
    appointments: list[Appointment], end: date
) -> None:
    found = overlaps(POST, appointments, START, end)
    walked = [day for each in found for day in every_day(each.starts_on, each.ends_on)]
    assert walked == sorted(set(slow_doubled(appointments, START, end)))


@given(many, ends)
def test_loads_count_what_is_really_held(appointments: list[Appointment], end: date) -> None:
    posts = by_post(appointments)
    most: dict[str, int] = {}
    for day in every_day(START, end):
        holders = [slow_holder(each, day) for each in posts.values()]
        people = [holder.person for holder in holders if holder is not None]
        for person in people:
            most[person] = max(most.get(person, 0), people.count(person))
    assert {load.person: load.most for load in loads(posts, START, end)} == most
