"""Small numbers are withheld from whatever leaves the house, so that nobody can work them out.

A count from 1 to 4 is withheld, and with it as many other figures as it takes: from what is shown,
totals included, every withheld small count might as well be five or more. Which figures an
observer can work out is a question of flow: cells and totals are arcs of a network in which
whatever goes in goes out, and a withheld figure can grow as far as other withheld ones make room.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

# Counts of people and cases below this are withheld.
THRESHOLD = 5
# Totals are worth more to a reader than single figures, so they are withheld last.
_TOTAL_COSTS = 1_000_000
# Stands for "any number" in a table whose figures are far smaller.
_ANY = 1 << 60

Cell = tuple[str, str]
# The name of the row and of the column that hold totals.
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as it may be shared: None is a figure that is withheld; totals are under `total`."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    figures: Mapping[Cell, int | None]

    @property
    def withheld(self) -> int:
        """How many figures are not shown, totals included."""
        return sum(figure is None for figure in self.figures.values())


def with_totals(
    rows: Sequence[str], columns: Sequence[str], cells: Mapping[Cell, int]
) -> dict[Cell, int]:
    """Every cell, and the totals of rows, columns and all."""
    full = {(row, column): cells.get((row, column), 0) for row in rows for column in columns}
    for row in rows:
        full[(row, TOTAL)] = sum(full[(row, column)] for column in columns)
    for column in (*columns, TOTAL):
        full[(TOTAL, column)] = sum(full[(row, column)] for row in rows)
    return full


def suppress(rows: Sequence[str], columns: Sequence[str], cells: Mapping[Cell, int]) -> Shown:
    """The table with its totals, and with everything withheld that has to be."""
    full = with_totals(rows, columns, cells)
    small = [cell for cell, figure in full.items() if 0 < figure < THRESHOLD]
    withheld = set(small)
    for cell in sorted(small, key=lambda one: full[one], reverse=True):
        _protect(cell, full, withheld)
    figures = {cell: None if cell in withheld else figure for cell, figure in full.items()}
    return Shown((*rows, TOTAL), (*columns, TOTAL), figures)


def _protect(cell: Cell, full: Mapping[Cell, int], withheld: set[Cell]) -> None:
    """Withhold more until `cell` could be as large as the threshold."""
    network = _Network(full, withheld, cell)
    room, need = 0, THRESHOLD - full[cell]
    while room < need:
        path = network.cheapest_path()
        withheld.update(one for one, _ in path)
        room += network.push(path, need - room)


class _Network:
    """Ways in which other figures may differ so that one cell is larger."""

    def __init__(self, full: Mapping[Cell, int], withheld: set[Cell], cell: Cell) -> None:
        self._figures = dict(full)
        self._withheld = withheld
        self._cell = cell
        self._arcs: dict[str, list[tuple[str, Cell, bool]]] = {}
        for one in full:
            tail, head = _ends(one)
            if one != cell:
                self._arcs.setdefault(tail, []).append((head, one, True))
                self._arcs.setdefault(head, []).append((tail, one, False))

    def cheapest_path(self) -> list[tuple[Cell, bool]]:
        """From where the cell ends to where it begins; True where a figure grows on the way.

        There always is one: a cell may grow with the totals of its row, its column and of all.
        """
        tail, head = _ends(self._cell)
        came: dict[str, tuple[str, Cell, bool]] = {}
        waiting: list[tuple[int, str]] = [(0, head)]
        costs = {head: 0}
        while waiting:
            so_far, node = heappop(waiting)
            if node == tail:
                break
            for there, one, grows in self._open(node):
                cost = so_far + self._cost(one)
                if cost < costs.get(there, _ANY):
                    costs[there] = cost
                    came[there] = (node, one, grows)
                    heappush(waiting, (cost, there))
        return _walked(came, head, tail)

    def push(self, path: list[tuple[Cell, bool]], most: int) -> int:
        """Let the figures on the way differ by as much as they can, up to `most`."""
        amount = min([most, *(self._figures[one] for one, grows in path if not grows)])
        for one, grows in path:
            self._figures[one] += amount if grows else -amount
        return amount

    def _open(self, node: str) -> Iterator[tuple[str, Cell, bool]]:
        for there, one, grows in self._arcs.get(node, ()):
            if grows or self._figures[one] > 0:
                yield there, one, grows

    def _cost(self, one: Cell) -> int:
        if one in self._withheld:
            return 0
        return 1 + self._figures[one] + _TOTAL_COSTS * one.count(TOTAL)


def _ends(cell: Cell) -> tuple[str, str]:
    """Rows flow into columns, columns into the total of all, and that into rows again."""
    row, column = cell
    match row == TOTAL, column == TOTAL:
        case True, True:
            return "all in", "all out"
        case True, False:
            return f"column {column}", "all in"
        case False, True:
            return "all out", f"row {row}"
        case _:
            return f"row {row}", f"column {column}"


def _walked(
    came: Mapping[str, tuple[str, Cell, bool]], start: str, end: str
) -> list[tuple[Cell, bool]]:
    path: list[tuple[Cell, bool]] = []
    node = end
    while node != start:
        node, one, grows = came[node]
        path.append((one, grows))
    return path
