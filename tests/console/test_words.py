"""How instants, lengths of time and names are written for people."""

from datetime import UTC, datetime

import pytest

from services.console.entrypoints import words


@pytest.mark.parametrize(
    ("nanoseconds", "told"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_000, "1.00 µs"),
        (99_960_000, "100 ms"),
        (99_940_000, "99.9 ms"),
        (1_240_000_000, "1.24 s"),
        (3_600_000_000_000, "3,600 s"),
    ],
)
def test_lengths_of_time_have_three_figures(nanoseconds: int, told: str) -> None:
    assert words.duration(nanoseconds) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "2 July 2026, 12.30am"),
        ("2026-11-21T22:30:00Z", "21 November 2026, 10.30pm"),
        ("2026-11-21T12:05:00", "2026-11-21T12:05:00"),
        ("a word", "a word"),
        (None, ""),
    ],
)
def test_instants_are_told_in_scotlands_time(value: object, told: str) -> None:
    assert words.instant(value) == told


def test_an_impossible_time_is_said_to_be_one() -> None:
    assert words.instant_exact(2**63 - 1) == "12 April 2262, 00:47:16.854"
    assert words.instant_exact(2**200) == "at an impossible time"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (7200, "2 hours"), (86400, "1 day")],
)
def test_ages_use_one_unit(seconds: float, told: str) -> None:
    assert words.age(seconds) == told


def test_names_from_the_wire_lose_their_hyphens() -> None:
    assert words.words("death-looked-after-child") == "Death looked after child"
    assert words.words("residing_at_death") == "Residing at death"
