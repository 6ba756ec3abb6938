"""Undo an emergency regime at deadlines, as the person who decides it."""

from collections.abc import Mapping
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.refusals import TOO_SHORT, at_reason, told_in_form
from services.console.use_cases.acting_on_case import reason_of


async def withdraw_regime(apis: Apis, token: str, regime: str, form: Mapping[str, str]) -> None:
    """Does it once, if nobody changed it since the form was made; `Invalid` names its fields."""
    path = f"/regimes/{quote(regime, safe='')}/withdrawals"
    body = reason_of(form)
    with told_in_form(at_reason, TOO_SHORT):
        await apis.post("deadlines", path, token, body, form.get("key"), form.get("tag", ""))
