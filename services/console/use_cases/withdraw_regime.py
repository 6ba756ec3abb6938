"""Undo an emergency regime at deadlines, once it was seen what that would change."""

from collections.abc import Mapping
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.refusals import TOO_SHORT, at_reason, told_in_form
from services.console.domain.regime_effect import Foreseen, foreseen
from services.console.use_cases.acting_on_case import reason_of

DEADLINES = "deadlines"


async def foresee_withdrawal(
    apis: Apis, token: str, regime: str, form: Mapping[str, str]
) -> Foreseen:
    """Nothing is changed; `Invalid` names the form's fields."""
    reason_of(form)
    found = await apis.post_tagged(DEADLINES, f"{_path(regime)}/previews", token, {})
    return foreseen(found.body, found.tag)


async def withdraw_regime(apis: Apis, token: str, regime: str, form: Mapping[str, str]) -> None:
    """Done once, if the regime is still what was looked at."""
    body, tag = reason_of(form), form.get("tag", "")
    with told_in_form(at_reason, TOO_SHORT):
        await apis.post(DEADLINES, _path(regime), token, body, form.get("key"), tag)


def _path(regime: str) -> str:
    return f"/regimes/{quote(regime, safe='')}/withdrawals"
