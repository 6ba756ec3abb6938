"""Give an emergency regime its end, at deadlines, as the person who decides it."""

from collections.abc import Mapping
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.entered import is_day
from services.console.domain.refusals import SAY_WHY, TOO_SHORT, among, told_in_form
from shared.errors import FieldError, Invalid

_BETTER = TOO_SHORT | {
    "must be after the first day": "It must end after its first day; to undo it, withdraw it.",
}


async def end_regime(apis: Apis, token: str, regime: str, form: Mapping[str, str]) -> None:
    """Does it once, if nobody changed it since the form was made; `Invalid` names its fields."""
    path = f"/regimes/{quote(regime, safe='')}/endings"
    body = {"until": form.get("until", "").strip(), "reason": form.get("reason", "").strip()}
    errors = [] if is_day(body["until"]) else [FieldError("until", "Say which day it ends on.")]
    if not body["reason"]:
        errors.append(FieldError("reason", SAY_WHY))
    if errors:
        raise Invalid(*errors)
    with told_in_form(among(body, "reason"), _BETTER):
        await apis.post("deadlines", path, token, body, form.get("key"), form.get("tag", ""))
