"""Extend, pause, resume, undo: sent to deadlines as the person who decides it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.refusals import SAY_WHY, among, told_in_form
from shared.errors import FieldError, Invalid, NotFound

# Which fields of the form go to which route; what is left empty is not sent.
ACTS: dict[str, tuple[str, ...]] = {
    "extensions": ("amount", "reason", "agreed_by"),
    "pauses": ("from", "until", "reason", "agreed_by"),
    "resumptions": ("until", "reason"),
    "withdrawals": ("reason",),
}
_ADDRESSES = {
    "extensions": "/clocks/{clock}/extensions",
    "pauses": "/clocks/{clock}/pauses",
    "resumptions": "/clocks/{clock}/pauses/{about}/resumptions",
    "withdrawals": "/clocks/{clock}/acts/{about}/withdrawals",
}
_MISSING = {
    "amount": "Say by how much, as a whole number of at least 1.",
    "reason": SAY_WHY,
    "agreed_by": "Name the role that agreed, not the person.",
}
_MUST = {"extensions": ("amount", "reason", "agreed_by")}


async def act_on_deadline(
    apis: Apis, token: str, clock_id: str, act: str, form: Mapping[str, str]
) -> None:
    """Does it once, however often the form is sent; `Invalid` names the form's fields."""
    if act not in ACTS:
        raise NotFound("There is no such act.")
    body = _body(act, form)
    address = _ADDRESSES[act].format(
        clock=quote(clock_id, safe=""), about=quote(form.get("about", "") or "-", safe="")
    )
    with told_in_form(among(ACTS[act], "reason")):
        await apis.post("deadlines", address, token, body, form.get("key") or None)


def _body(act: str, form: Mapping[str, str]) -> dict[str, Any]:
    given = {name: form.get(name, "").strip() for name in ACTS[act]}
    missing = [name for name in _MUST.get(act, ("reason",)) if not given[name]]
    if "amount" in given and not given["amount"].isdecimal():
        missing.append("amount")
    if missing:
        raise Invalid(*(FieldError(name, _MISSING[name]) for name in dict.fromkeys(missing)))
    told: dict[str, Any] = {name: value for name, value in given.items() if value}
    return told | ({"amount": int(told["amount"][:9])} if "amount" in told else {})
