"""Declare an emergency regime at deadlines, once it was seen what it would touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.apis import Apis
from services.console.domain.moves import Move, moves_of, shifts
from services.console.domain.regime_form import RegimeForm
from shared.errors import Invalid

DEADLINES = "deadlines"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What it would touch; of many clocks the first are shown, of all it is said how many."""

    cases: int
    clocks: int
    moves: Sequence[Move]
    shifts: Sequence[tuple[str, int]]


async def foresee_regime(apis: Apis, token: str, asked: RegimeForm) -> Foreseen:
    """Nothing is declared; `Invalid` names the form's fields."""
    touched = await _sent(apis, token, "/regimes/previews", asked, None)
    moves = moves_of(touched["items"])
    return Foreseen(touched["cases"], touched["clocks"], moves, shifts(moves))


async def declare_regime(
    apis: Apis, token: str, asked: RegimeForm, key: str | None
) -> Mapping[str, Any]:
    """The regime, declared once however often the form is sent."""
    return (await _sent(apis, token, "/regimes", asked, key))["regime"]


async def _sent(
    apis: Apis, token: str, path: str, asked: RegimeForm, key: str | None
) -> Mapping[str, Any]:
    if asked.errors:
        raise Invalid(*asked.errors)
    try:
        return await apis.post(DEADLINES, path, token, asked.body, key)
    except Invalid as refusal:
        raise asked.refused(refusal) from refusal
