"""What the list of deadlines asks."""

from urllib.parse import parse_qs

from services.console.domain.due_search import DueSearch, read_due_search

KINDS = {"death-looked-after-child"}
OWN = ["S12000047", "S12000030"]


def read(**given: str) -> DueSearch:
    return read_due_search(given, KINDS, OWN)


def test_without_a_question_everything_that_governs_is_asked_for() -> None:
    assert read().asked() == [("governing", "true")]


def test_mine_are_the_areas_that_i_am_link_inspector_of() -> None:
    assert read(area="mine").asked()[:2] == [("area", "S12000047"), ("area", "S12000030")]
    assert read_due_search({"area": "mine"}, KINDS, []).nowhere


def test_a_day_is_meant_whole_in_scottish_time() -> None:
    asked = dict(read(due_from="2026-04-06", due_to="2026-04-06").asked())
    # By the end of 5 April is midnight of the 6th: not due on the 6th. By the end of the 6th is.
    assert asked["due_from"] == "2026-04-06T00:00:00.000001+01:00"
    assert asked["due_before"] == "2026-04-07T00:00:00.000001+01:00"


def test_what_is_not_known_is_not_asked_for_and_wrong_days_are_named() -> None:
    search = read(kind="other", area="S99", state="late", due_from="soon", due_to="9999-12-31")
    assert (search.kind, search.area, search.state) == ("", "", "")
    assert [error.field for error in search.errors] == ["due_from", "due_to"]


def test_the_next_page_asks_the_same() -> None:
    search = read(area="mine", kind="death-looked-after-child", wordings="all")
    assert parse_qs(search.address("abc")) == {
        "area": ["mine"],
        "kind": ["death-looked-after-child"],
        "wordings": ["all"],
        "cursor": ["abc"],
    }
