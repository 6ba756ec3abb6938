"""No small number can be worked out of a table that is shared, totals and all."""

from collections.abc import Iterator
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.deadlines.domain.suppression import (
    THRESHOLD,
    TOTAL,
    Cell,
    Shown,
    suppress,
    with_totals,
)

ROWS, COLUMNS = ("a", "b", "c"), ("x", "y")
# So far an observer looks; what is possible there is possible at all.
COUNTED = range(13)

Counts = dict[Cell, int]


def table(*rows: tuple[int, ...]) -> Counts:
    return {
        (ROWS[at], COLUMNS[to]): figure
        for at, row in enumerate(rows)
        for to, figure in enumerate(row)
    }


def shared(cells: Counts) -> Shown:
    rows = [row for row in ROWS if any(cell[0] == row for cell in cells)]
    return suppress(rows, COLUMNS, cells)


def possible(shown: Shown) -> Iterator[Counts]:
    """Every table that somebody who sees only what is shown must reckon with."""
    rows, columns = shown.rows[:-1], shown.columns[:-1]
    told = {cell: figure for cell, figure in shown.figures.items() if figure is not None}
    for guess in product(*(list(lines(row, columns, told)) for row in rows)):
        cells = {cell: figure for line in guess for cell, figure in line.items()}
        full = with_totals(rows, columns, cells)
        if all(full[cell] == figure for cell, figure in told.items()):
            yield full


def lines(row: str, columns: tuple[str, ...], told: Counts) -> Iterator[Counts]:
    """Every way in which one row may read, by itself."""
    guesses = [[told[cell]] if (cell := (row, one)) in told else COUNTED for one in columns]
    for figures in product(*guesses):
        if sum(figures) == told.get((row, TOTAL), sum(figures)):
            yield {(row, one): figure for one, figure in zip(columns, figures, strict=True)}


def given_away(cells: Counts, shown: Shown) -> list[Cell]:
    """The small figures, totals included, of which an observer can tell that they are small."""
    full = with_totals(shown.rows[:-1], shown.columns[:-1], cells)
    small = {cell for cell, figure in full.items() if 0 < figure < THRESHOLD}
    for guess in possible(shown):
        small = {cell for cell in small if guess[cell] < THRESHOLD}
        if not small:
            return []
    return sorted(small)


COUNTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=3).map(
    lambda rows: table(*rows)
)


@settings(max_examples=40, deadline=None)
@given(COUNTS)
def test_nobody_can_tell_from_a_shared_table_that_a_number_is_small(cells: Counts) -> None:
    assert given_away(cells, shared(cells)) == []


@given(COUNTS)
def test_what_is_shown_is_true(cells: Counts) -> None:
    shown = shared(cells)
    full = with_totals(shown.rows[:-1], shown.columns[:-1], cells)
    assert all(figure in {None, full[cell]} for cell, figure in shown.figures.items())


@given(st.lists(st.integers(5, 400), min_size=6, max_size=6))
def test_a_table_without_small_numbers_is_shown_whole(figures: list[int]) -> None:
    cells = dict(zip(product(ROWS, COLUMNS), figures, strict=True))
    assert suppress(ROWS, COLUMNS, cells).withheld == 0


def test_one_small_number_alone_would_follow_from_its_totals() -> None:
    cells = table((2, 12), (9, 8), (7, 6))
    naive = Shown(
        (*ROWS, TOTAL),
        (*COLUMNS, TOTAL),
        with_totals(ROWS, COLUMNS, cells) | {("a", "x"): None},
    )
    assert given_away(cells, naive) == [("a", "x")]
    shown = shared(cells)
    assert given_away(cells, shown) == []
    withheld = {cell for cell, figure in shown.figures.items() if figure is None}
    assert withheld == {("a", "x"), ("a", "y"), ("c", "x"), ("c", "y")}


def test_two_small_numbers_that_add_up_to_a_small_total_are_not_enough() -> None:
    cells = table((1, 1), (9, 8), (7, 6))
    shown = shared(cells)
    assert shown.figures[("a", TOTAL)] is None
    assert given_away(cells, shown) == []


def test_where_all_is_small_nothing_is_shown() -> None:
    shown = shared(table((1, 0), (0, 1)))
    assert shown.figures[(TOTAL, TOTAL)] is None
    assert given_away(table((1, 0), (0, 1)), shown) == []


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_a_table_of_every_area_is_done_and_keeps_its_grand_total(seed: int) -> None:
    # By dice, not by hypothesis: of a table of nothing but noughts and a one, all is withheld.
    figures = Random(seed).choices(range(31), k=32 * 5)
    rows = [f"area-{number}" for number in range(32)]
    columns = [f"outcome-{number}" for number in range(5)]
    cells = dict(zip(product(rows, columns), figures, strict=True))
    shown = suppress(rows, columns, cells)
    assert shown.figures[(TOTAL, TOTAL)] == sum(figures)
