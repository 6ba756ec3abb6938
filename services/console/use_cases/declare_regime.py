"""Declare an emergency regime at deadlines, once it was seen what it would touch."""

from collections.abc import Mapping
from typing import Any

from services.console.apis import Apis
from services.console.domain.regime_effect import Foreseen, foreseen
from services.console.domain.regime_form import RegimeForm
from shared.errors import Invalid

DEADLINES = "deadlines"


async def foresee_regime(apis: Apis, token: str, asked: RegimeForm) -> Foreseen:
    """Nothing is declared; `Invalid` names the form's fields."""
    return foreseen(await _sent(apis, token, "/regimes/previews", asked, None))


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
