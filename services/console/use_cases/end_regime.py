"""Give an emergency regime its end at deadlines, once it was seen what that would change."""

from collections.abc import Mapping
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.entered import is_day
from services.console.domain.refusals import SAY_WHY, TOO_SHORT, among, told_in_form
from services.console.domain.regime_effect import Foreseen, foreseen
from shared.errors import FieldError, Invalid

DEADLINES = "deadlines"
_BETTER = TOO_SHORT | {
    "must be after the first day": "It must end after its first day; to undo it, withdraw it.",
}
_TOLD = among(("until", "reason"), "reason"), _BETTER


async def foresee_ending(apis: Apis, token: str, regime: str, form: Mapping[str, str]) -> Foreseen:
    """Nothing is changed; `Invalid` names the form's fields."""
    asked = {"until": _body(form)["until"]}
    with told_in_form(*_TOLD):
        found = await apis.post_tagged(DEADLINES, f"{_path(regime)}/previews", token, asked)
    return foreseen(found.body, found.tag)


async def end_regime(apis: Apis, token: str, regime: str, form: Mapping[str, str]) -> None:
    """Done once, if the regime is still what was looked at."""
    body, tag = _body(form), form.get("tag", "")
    with told_in_form(*_TOLD):
        await apis.post(DEADLINES, _path(regime), token, body, form.get("key"), tag)


def _path(regime: str) -> str:
    return f"/regimes/{quote(regime, safe='')}/endings"


def _body(form: Mapping[str, str]) -> dict[str, str]:
    body = {"until": form.get("until", "").strip(), "reason": form.get("reason", "").strip()}
    errors = [] if is_day(body["until"]) else [FieldError("until", "Say which day it ends on.")]
    if not body["reason"]:
        errors.append(FieldError("reason", SAY_WHY))
    if errors:
        raise Invalid(*errors)
    return body
