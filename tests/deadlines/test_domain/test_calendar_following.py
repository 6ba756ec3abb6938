"""An area keeps its own days, and has Scotland's for all others, however either is corrected."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.deadlines.domain.calendar import Break, Calendar
from services.deadlines.domain.calendar_following import following
from tests.deadlines.test_domain.test_properties import COUNTING

FIRST = date(2026, 3, 2)
DAYS = [FIRST + timedelta(days=number) for number in range(20)]
HOLIDAYS = st.dictionaries(st.sampled_from(DAYS), st.sampled_from(["Easter", "Fair"]))


def calendar(holidays: dict[date, str], name: str = "scotland", **more: object) -> Calendar:
    made = Calendar(name, "3", holidays, FIRST, DAYS[-1], DAYS[-1])
    return made if not more else Calendar(**{**_fields(made), **more})  # pyright: ignore[reportArgumentType]


def _fields(made: Calendar) -> dict[str, object]:
    return {name: getattr(made, name) for name in Calendar.__dataclass_fields__}


@COUNTING
@given(HOLIDAYS, HOLIDAYS, HOLIDAYS)
def test_its_own_days_stay_and_all_others_are_scotlands(
    own: dict[date, str], before: dict[date, str], after: dict[date, str]
) -> None:
    made = following(calendar(own, "S12000047"), calendar(before), calendar(after))
    assert (made.id, made.version) == ("S12000047", "4")
    assert list(made.holidays) == sorted(made.holidays)
    for day in DAYS:
        alike = (day in own) == (day in before)
        assert (day in made.holidays) == (day in (after if alike else own))
        if own.get(day) == before.get(day):
            assert made.holidays.get(day) == after.get(day)
        elif day in own and day in made.holidays:
            assert made.holidays[day] == own[day]


@COUNTING
@given(HOLIDAYS, HOLIDAYS)
def test_an_area_without_days_of_its_own_says_what_scotland_says(
    before: dict[date, str], after: dict[date, str]
) -> None:
    made = following(calendar(before, "S12000047"), calendar(before), calendar(after))
    assert made.holidays == after


def test_school_holidays_of_its_own_stay() -> None:
    own = Break(DAYS[0], DAYS[4], "Spring break")
    over, beside = Break(DAYS[3], DAYS[6], "Scotland"), Break(DAYS[8], DAYS[9], "Scotland")
    area, after = calendar({}, "S12000047", school=(own,)), calendar({}, school=(over, beside))
    assert following(area, calendar({}), after).school == (own, beside)
    assert following(area, calendar({}, school=(own,)), calendar({})).school == ()
