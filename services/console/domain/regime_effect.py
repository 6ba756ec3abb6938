"""What an emergency regime, another end of it or its withdrawal would touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.domain.moves import Move, moves_of, shifts


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Of many clocks the first are shown; of very many cases only the first are `counted`.

    `concerned` is how many cases there are in all; `tag` names the regime that was looked at.
    """

    cases: int
    clocks: int
    counted: int
    concerned: int
    complete: bool
    moves: Sequence[Move]
    shifts: Sequence[tuple[str, int]]
    tag: str


def foreseen(touched: Mapping[str, Any], tag: str = "") -> Foreseen:
    """A preview as deadlines answers it."""
    moves = moves_of(touched["items"])
    return Foreseen(
        cases=touched["cases"],
        clocks=touched["clocks"],
        counted=touched["counted"],
        concerned=touched["concerned"],
        complete=touched["complete"],
        moves=moves,
        shifts=shifts(moves),
        tag=tag,
    )
