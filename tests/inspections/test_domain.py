"""What a plan must say, how it changes, what it clashes with, and who is link inspector then."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inspections.domain.inspection import cancel, change, clashes, reference_of
from services.inspections.domain.link_inspector import Service, Tenure, serving
from services.inspections.domain.plan import ProposedElement, accept
from services.inspections.domain.vocabulary import BODY_NAMES, THEME_NAMES, Body, Status, Theme
from services.inspections.storage.reference import footprints, suggested_elements
from shared.errors import Conflict, Invalid
from tests.inspections.builders import (
    FIFE,
    REFERENCE,
    STIRLING,
    a_plan,
    a_proposal,
    an_inspection,
    national,
)


def broken_fields(**given: object) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        accept(a_proposal(**given), REFERENCE)
    return [error.field for error in refusal.value.errors]


def test_a_plan_is_accepted_as_proposed() -> None:
    plan = a_plan(areas=(FIFE, STIRLING), title="  Adults at risk ")
    assert plan.theme is Theme.ADULT_PROTECTION
    assert plan.areas == (STIRLING, FIFE)
    assert plan.title == "Adults at risk"
    assert plan.elements[1].bodies == (Body.HEALTHCARE_IMPROVEMENT_SCOTLAND, Body.CARE_INSPECTORATE)


def test_every_broken_rule_is_named_at_once() -> None:
    fields = broken_fields(
        theme="weather", scope="local", areas=(), ends_on=date(2026, 4, 30), elements=()
    )
    assert fields == ["theme", "ends_on", "areas", "elements"]


def test_a_local_inspection_names_areas_and_a_national_one_none() -> None:
    assert broken_fields(areas=()) == ["areas"]
    assert broken_fields(scope="national") == ["areas"]
    assert broken_fields(areas=("S12000099", FIFE, FIFE)) == ["areas[0]", "areas[2]"]


def test_every_element_is_the_duty_of_at_least_one_body_and_none_is_named_twice() -> None:
    elements = (
        ProposedElement("Health", ()),
        ProposedElement("health ", ("care-inspectorate",)),
        ProposedElement(" ", ("care-inspectorate", "care-inspectorate")),
        ProposedElement("Police", ("police-scotland",)),
    )
    assert broken_fields(elements=elements) == [
        "elements[0].bodies",
        "elements[1].name",
        "elements[2].name",
        "elements[2].bodies[1]",
        "elements[3].bodies[0]",
    ]


def test_a_footprint_belongs_to_the_theme() -> None:
    footprint = "adult-support-and-protection-phase-1"
    assert a_plan(footprint=footprint).footprint == footprint
    assert broken_fields(footprint="children-at-risk-of-harm-2021") == ["footprint"]
    assert broken_fields(footprint="unheard-of") == ["footprint"]


def test_a_change_raises_the_version_and_says_what_differs() -> None:
    before = an_inspection()
    after, changed = change(before, a_plan(areas=(STIRLING,), title="New"))
    assert changed == ["areas", "title"]
    assert (after.version, after.reference) == (2, before.reference)


def test_a_change_that_changes_nothing_is_no_change() -> None:
    before = an_inspection()
    assert change(before, a_plan()) == (before, [])


def test_a_cancelled_inspection_keeps_its_reason_and_is_never_taken_up_again() -> None:
    cancelled = cancel(an_inspection(), " The partnership is reorganised. ")
    assert (cancelled.status, cancelled.version) == (Status.CANCELLED, 2)
    assert cancelled.cancelled_reason == "The partnership is reorganised."
    with pytest.raises(Conflict):
        change(cancelled, a_plan(title="Again"))
    with pytest.raises(Conflict):
        cancel(cancelled, "Twice")


def test_a_cancellation_needs_a_reason() -> None:
    with pytest.raises(Invalid, match="reason"):
        cancel(an_inspection(), "  ")


def test_references_count_within_their_year() -> None:
    assert [reference_of(2026, 1), reference_of(2027, 12345)] == ["JI-2026-0001", "JI-2027-12345"]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "clash"),
    [
        (date(2026, 4, 1), date(2026, 4, 30), False),
        (date(2026, 4, 1), date(2026, 5, 1), True),
        (date(2026, 5, 29), date(2026, 7, 1), True),
        (date(2026, 5, 30), date(2026, 7, 1), False),
    ],
)
def test_scrutiny_clashes_when_it_shares_a_day(starts_on: date, ends_on: date, clash: bool) -> None:
    other = an_inspection(starts_on=starts_on, ends_on=ends_on)
    assert bool(clashes(an_inspection(), [other])) is clash


def test_scrutiny_clashes_in_shared_areas_only() -> None:
    one = an_inspection(areas=(FIFE, STIRLING))
    assert clashes(one, [an_inspection(areas=("S12000033",))]) == []
    assert clashes(one, [an_inspection(areas=(FIFE,))])[0].areas == (FIFE,)
    assert clashes(one, [national()])[0].areas == (STIRLING, FIFE)
    assert clashes(national(), [one])[0].areas == (STIRLING, FIFE)
    assert clashes(national(), [national()])[0].areas == ()


def test_neither_itself_nor_what_is_cancelled_clashes() -> None:
    one, two = an_inspection(), an_inspection()
    assert clashes(one, [one, cancel(two, "Off")]) == []
    assert clashes(cancel(two, "Off"), [one]) == []


spans = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda two: tuple(date(2026, 5, 1) + timedelta(days=number) for number in sorted(two))
)
scopes = st.sampled_from([(), (FIFE,), (STIRLING,), (FIFE, STIRLING)])


@given(spans, spans, scopes, scopes)
def test_clashing_is_mutual_and_covers_exactly_the_shared_days(
    one_span: tuple[date, date],
    two_span: tuple[date, date],
    one_areas: tuple[str, ...],
    two_areas: tuple[str, ...],
) -> None:
    one, two = (
        an_inspection(
            starts_on=span[0],
            ends_on=span[1],
            areas=areas,
            scope="local" if areas else "national",
        )
        for span, areas in ((one_span, one_areas), (two_span, two_areas))
    )
    here, there = clashes(one, [two]), clashes(two, [one])
    shown = [(each.areas, each.starts_on, each.ends_on) for each in here]
    assert shown == [(each.areas, each.starts_on, each.ends_on) for each in there]
    days = {date(2026, 5, 1) + timedelta(days=number) for number in range(31)}
    shared = {
        day
        for day in days
        if one_span[0] <= day <= one_span[1] and two_span[0] <= day <= two_span[1]
    }
    met = not one_areas or not two_areas or not set(one_areas).isdisjoint(two_areas)
    assert bool(here) is (bool(shared) and met)
    if here:
        assert (here[0].starts_on, here[0].ends_on) == (min(shared), max(shared))


def tenure(
    person: str, starts_on: date | None, ends_on: date | None, *, cover: bool = False
) -> Tenure:
    return Tenure(f"{person}-1", person, FIFE, cover, starts_on, ends_on, 1)


def test_cover_stands_in_front_of_the_link_inspector() -> None:
    first, last = date(2026, 5, 1), date(2026, 5, 29)
    tenures = [
        tenure("ann", date(2020, 1, 1), None),
        tenure("bea", date(2026, 5, 10), date(2026, 5, 12), cover=True),
    ]
    assert serving(tenures, first, last) == [
        Service(FIFE, "ann", first, date(2026, 5, 9)),
        Service(FIFE, "bea", date(2026, 5, 10), date(2026, 5, 11)),
        Service(FIFE, "ann", date(2026, 5, 12), last),
    ]


def test_days_without_a_link_inspector_are_left_out() -> None:
    first, last = date(2026, 5, 1), date(2026, 5, 29)
    tenures = [tenure("ann", date(2026, 5, 3), date(2026, 5, 5)), tenure("bea", None, None)]
    assert serving(tenures, first, last) == [
        Service(FIFE, "ann", date(2026, 5, 3), date(2026, 5, 4))
    ]


def test_reference_data_is_complete() -> None:
    assert set(THEME_NAMES) == set(Theme) == set(suggested_elements())
    assert set(BODY_NAMES) == set(Body)
    assert sorted(each.weeks for each in footprints().values()) == [18, 22, 35]


def test_the_phases_of_a_footprint_join_and_fill_its_weeks() -> None:
    for footprint in footprints().values():
        weeks = [
            week
            for phase in footprint.phases
            for week in range(phase.first_week, phase.last_week + 1)
        ]
        assert weeks in ([], list(range(1, footprint.weeks + 1)))
