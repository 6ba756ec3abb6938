"""What every act on a case has in common: the case it is done to, and how intake is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.refusals import in_form
from services.console.use_cases.follow_case import items
from shared.errors import FieldError, Invalid

INTAKE = "intake"


@dataclass(frozen=True, slots=True)
class CaseToActOn:
    """The notification as it is now; a change of it names `tag`."""

    note: Mapping[str, Any]
    ratified_kind: bool
    tag: str


async def case_to_act_on(apis: Apis, token: str, reference: str) -> CaseToActOn:
    """As this person may see it."""
    found = await apis.get_tagged(INTAKE, _address(reference), token)
    kinds = items(await apis.get(INTAKE, "/kinds", token))
    ratified = any(one["ratified"] for one in kinds if one["kind"] == found.body["kind"])
    return CaseToActOn(found.body, ratified, found.tag)


async def sent(
    apis: Apis,
    token: str,
    to: tuple[str, str],
    body: Mapping[str, Any],
    form: Mapping[str, str],
    told: tuple[Callable[[str], str], Mapping[str, str]],
) -> Mapping[str, Any]:
    """Done once, if nobody changed the case since the form was made; `Invalid` names its fields.

    `to` is the case and the act; `told` is how `in_form` tells what is refused.
    """
    reference, act = to
    path = f"{_address(reference)}/{act}"
    try:
        return await apis.post(INTAKE, path, token, body, form.get("key"), form.get("tag", ""))
    except Invalid as refusal:
        raise in_form(refusal.errors, *told) from refusal


def reason_of(form: Mapping[str, str]) -> dict[str, str]:
    """The body of an act that is nothing but its reason."""
    reason = form.get("reason", "").strip()
    if not reason:
        raise Invalid(FieldError("reason", "Say why, without anybody's name."))
    return {"reason": reason}


def at_reason(_: str) -> str:
    """Where everything is told that such an act is refused for."""
    return "reason"


def _address(reference: str) -> str:
    return f"/notifications/{quote(reference, safe='')}"
