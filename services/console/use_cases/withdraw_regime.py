"""Undo an emergency regime at deadlines, as the person who decides it."""

from collections.abc import Mapping
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.refusals import in_form
from shared.errors import FieldError, Invalid

_BETTER = {"must say why": "Say why, in three words or more."}


async def withdraw_regime(apis: Apis, token: str, regime: str, form: Mapping[str, str]) -> None:
    """Does it once, if nobody changed it since the form was made; `Invalid` names its fields."""
    path = f"/regimes/{quote(regime, safe='')}/withdrawals"
    body = {"reason": form.get("reason", "").strip()}
    if not body["reason"]:
        raise Invalid(FieldError("reason", "Say why, without anybody's name."))
    try:
        await apis.post("deadlines", path, token, body, form.get("key"), form.get("tag", ""))
    except Invalid as refusal:
        raise in_form(refusal.errors, lambda _: "reason", _BETTER) from refusal
