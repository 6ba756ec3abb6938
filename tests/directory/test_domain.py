"""Who may be appointed, and when a code or an appointment holds."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from services.directory.domain.appointment import Appointment, Kind, Role, Wanted, appoint, end
from services.directory.domain.link_activity import MEANINGS, KeyArea, check_activity
from services.directory.domain.organisation import Cover, found_organisation
from services.directory.domain.person import KnownAs, Specialism, enrol
from shared.errors import Conflict, Invalid
from tests.directory.builders import FIFE, an_appointment, an_area, wanted

MARCH, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (3, 4, 5, 6))


def make(asked: Wanted, standing: Sequence[Appointment] = (), **given: Any) -> Appointment:
    known: dict[str, Any] = {"person_known": True, "area": an_area()} | given
    return appoint("new", asked, standing=standing, **known)


def test_an_appointment_is_made_as_asked() -> None:
    made = make(wanted(MARCH, APRIL))
    assert made == Appointment(
        "new", "person-new", Role.LINK_INSPECTOR, FIFE, Kind.SUBSTANTIVE, MARCH, APRIL, version=1
    )


def test_every_broken_rule_is_named_at_once() -> None:
    asked = wanted(APRIL, MARCH, role="king", kind="sometimes")
    with pytest.raises(Invalid) as refusal:
        make(asked, person_known=False, area=None)
    fields = [error.field for error in refusal.value.errors]
    assert fields == ["person", "role", "kind", "area", "ends_on"]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "fits"),
    [
        (MARCH, APRIL, True),
        (MARCH, None, False),
        (MARCH, MAY, False),
        (date(2026, 2, 28), MARCH, False),
    ],
)
def test_an_appointment_lies_within_the_life_of_its_areas_code(
    starts_on: date, ends_on: date | None, fits: bool
) -> None:
    area = an_area(valid_from=MARCH, valid_to=APRIL)
    if fits:
        make(wanted(starts_on, ends_on), area=area)
    else:
        with pytest.raises(Invalid, match="not in use"):
            make(wanted(starts_on, ends_on), area=area)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "overlaps"),
    [
        (MARCH, APRIL, False),
        (MARCH, date(2026, 4, 2), True),
        (date(2026, 4, 30), None, True),
        (MAY, None, False),
        (MARCH, None, True),
        (date(2026, 4, 10), date(2026, 4, 11), True),
    ],
)
def test_two_substantive_appointments_share_no_day(
    starts_on: date, ends_on: date | None, overlaps: bool
) -> None:
    standing = [an_appointment(APRIL, MAY, id="sitting")]
    if not overlaps:
        make(wanted(starts_on, ends_on), standing)
        return
    with pytest.raises(Conflict, match=r"sitting holds .* from 2026-04-01 until 2026-05-01"):
        make(wanted(starts_on, ends_on), standing)


def test_cover_may_share_days_with_the_substantive_and_with_other_cover() -> None:
    standing = [an_appointment(MARCH), an_appointment(APRIL, JUNE, kind=Kind.COVER)]
    assert make(wanted(APRIL, MAY, kind="cover"), standing).kind is Kind.COVER


def test_nobody_covers_for_themselves() -> None:
    with pytest.raises(Conflict, match="already appointed"):
        make(wanted(APRIL, MAY, kind="cover", person="ann"), [an_appointment(MARCH, person="ann")])


def test_an_appointment_ended_on_its_first_day_stands_in_nobodys_way() -> None:
    withdrawn = end(an_appointment(MARCH), MARCH)
    assert not withdrawn.holds_on(MARCH)
    assert make(wanted(MARCH), [withdrawn]).starts_on == MARCH


def test_an_end_raises_the_version_and_keeps_the_days_before_it() -> None:
    ended = end(an_appointment(MARCH), APRIL)
    assert (ended.ends_on, ended.version) == (APRIL, 2)
    assert ended.holds_on(date(2026, 3, 31))
    assert not ended.holds_on(APRIL)


def test_an_end_is_only_ever_brought_forward() -> None:
    with pytest.raises(Conflict, match="already ends on 2026-04-01"):
        end(an_appointment(MARCH, APRIL), MAY)
    with pytest.raises(Invalid, match="must not be before 2026-03-01"):
        end(an_appointment(MARCH, APRIL), date(2026, 2, 1))


def test_a_code_is_in_use_between_its_two_dates() -> None:
    area = an_area(valid_from=MARCH, valid_to=APRIL)
    assert [area.valid_on(day) for day in (date(2026, 2, 28), MARCH, APRIL)] == [False, True, False]
    assert an_area().valid_on(date(1975, 1, 1))


def test_a_person_is_enrolled_with_a_mailbox_and_a_specialism() -> None:
    person = enrol("p", KnownAs(" Isla Test ", "isla@example.org", "justice"))
    assert (person.name, person.specialism) == ("Isla Test", Specialism.JUSTICE)


@pytest.mark.parametrize(
    "mailbox", ["", "isla", "isla@", "a b@example.org", "a@b@c.org", "a@x\r\n.org"]
)
def test_what_is_no_mailbox_is_refused_without_repeating_it(mailbox: str) -> None:
    with pytest.raises(Invalid) as refusal:
        enrol("p", KnownAs("Isla Test", mailbox))
    assert refusal.value.detail == "mailbox: must be one e-mail address"


def test_an_organisation_covers_areas_between_dates() -> None:
    covers = (Cover(FIFE, None, APRIL), Cover("S12000030", APRIL, None))
    areas = frozenset({FIFE, "S12000030"})
    made = found_organisation("CJP-1", "Two areas", "community-justice-partnership", covers, areas)
    assert made.covers_on(FIFE, MARCH)
    assert not made.covers_on(FIFE, APRIL)
    assert made.covers_on("S12000030", APRIL)


def test_an_organisation_names_everything_wrong_with_it() -> None:
    with pytest.raises(Invalid) as refusal:
        found_organisation("", " ", "club", (Cover("S1", APRIL, MARCH),), frozenset({FIFE}))
    fields = [error.field for error in refusal.value.errors]
    assert fields == ["code", "name", "kind", "covers[0].area", "covers[0].ends_on"]


def test_there_are_six_key_areas_and_each_has_a_meaning() -> None:
    assert len(KeyArea) == 6
    assert set(MEANINGS) == set(KeyArea)


def test_a_link_activity_is_in_a_key_area_and_has_happened() -> None:
    with pytest.raises(Invalid) as refusal:
        check_activity(area_known=True, key_area="tea", happened_on=APRIL, text=" ", today=MARCH)
    assert [error.field for error in refusal.value.errors] == ["key_area", "happened_on", "text"]


@pytest.mark.parametrize("account", ["sub-1", "auth0|64 f", "x" * 255])
def test_an_account_is_kept_character_by_character(account: str) -> None:
    assert enrol("p", KnownAs("Isla", "i@example.org", signs_in_as=account)).signs_in_as == account


@pytest.mark.parametrize("account", ["", " ", "sub-1 ", "sub\x00", "sub\n", "Ìsla", "x" * 256])
def test_what_no_issuer_would_call_anybody_is_refused_without_being_repeated(account: str) -> None:
    with pytest.raises(Invalid) as refusal:
        enrol("p", KnownAs("Isla", "i@example.org", signs_in_as=account))
    (error,) = refusal.value.errors
    assert (error.field, error.rule) == (
        "signs_in_as",
        "must be 1 to 255 printable ASCII characters",
    )
