"""What every act on a case has in common: the case it is done to, and how intake is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.console.apis import Apis
from services.console.domain.refusals import SAY_WHY, told_in_form
from services.console.use_cases.follow_case import address_of, is_ratified, items
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
    found = await apis.get_tagged(INTAKE, address_of(reference), token)
    kinds = items(await apis.get(INTAKE, "/kinds", token))
    return CaseToActOn(found.body, is_ratified(found.body, kinds), found.tag)


async def sent(
    apis: Apis,
    token: str,
    to: tuple[str, str],
    body: Mapping[str, Any],
    form: Mapping[str, str],
    told: tuple[Callable[[str], str], Mapping[str, str]],
) -> Mapping[str, Any]:
    """Done once, if nobody changed the case since the form was made; `Invalid` names its fields.

    `to` is the case and the act; `told` is what `told_in_form` is given.
    """
    reference, act = to
    path = f"{address_of(reference)}/{act}"
    with told_in_form(*told):
        return await apis.post(INTAKE, path, token, body, form.get("key"), form.get("tag", ""))


def reason_of(form: Mapping[str, str]) -> dict[str, str]:
    """The body of an act that is nothing but its reason."""
    reason = form.get("reason", "").strip()
    if not reason:
        raise Invalid(FieldError("reason", SAY_WHY))
    return {"reason": reason}
