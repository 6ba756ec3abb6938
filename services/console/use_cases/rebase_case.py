"""Move a case to another version of the rules at deadlines, once it was seen what that changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.apis import Apis
from services.console.domain.clock_view import due_words
from services.console.domain.moves import Move, moves_of
from services.console.domain.refusals import SAY_WHY, TOO_SHORT, among, told_in_form
from services.console.use_cases.follow_case import items
from services.console.use_cases.read_rules import rule_versions
from shared.errors import FieldError, Invalid, NotFound

DEADLINES = "deadlines"
_MISSING = {
    "version": "Choose the version it is to count by.",
    "reason": SAY_WHY,
    "agreed_by": "Name the role that agreed, not the person.",
}
_BETTER = TOO_SHORT | {
    "must be one that has rules": "That version has no rules for this kind of notification.",
}
_TOLD = among(_MISSING, "version"), _BETTER


@dataclass(frozen=True, slots=True)
class Rebasable:
    """A case, the version it counts by, and those it could count by, the newest first."""

    reference: str
    version: str
    others: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Rebasing:
    """What would change; `gone` are clocks that it would no longer have; `tag` names the case."""

    moves: Sequence[Move]
    gone: Sequence[tuple[Mapping[str, Any], str]]
    tag: str


async def rebasable(apis: Apis, token: str, reference: str) -> Rebasable:
    """`NotFound` where no clocks of it are this person's to see."""
    clocks = items(await apis.get(DEADLINES, "/clocks", token, {"reference": reference}))
    if not clocks:
        raise NotFound("There is no case with clocks under this reference.")
    version = clocks[0]["version"]
    others = [one for one in await rule_versions(apis, token) if one["version"] != version]
    return Rebasable(reference, version, others)


async def foresee_rebasing(
    apis: Apis, token: str, reference: str, form: Mapping[str, str]
) -> Rebasing:
    """Nothing is moved; `Invalid` names the form's fields."""
    body = _body(reference, form)
    asked = {"reference": reference, "version": body["version"]}
    with told_in_form(*_TOLD):
        found = await apis.post_tagged(DEADLINES, "/rebasings/previews", token, asked)
    gone = [(clock, due_words(clock)) for clock in found.body["gone"]]
    return Rebasing(moves_of(found.body["moved"]), gone, found.tag)


async def rebase_case(apis: Apis, token: str, reference: str, form: Mapping[str, str]) -> None:
    """Done once, if the case is still what was looked at."""
    body, tag = _body(reference, form), form.get("tag", "")
    with told_in_form(*_TOLD):
        await apis.post(DEADLINES, "/rebasings", token, body, form.get("key"), tag)


def _body(reference: str, form: Mapping[str, str]) -> dict[str, str]:
    given = {name: form.get(name, "").strip() for name in _MISSING}
    missing = [FieldError(name, _MISSING[name]) for name in _MISSING if not given[name]]
    if missing:
        raise Invalid(*missing)
    return {"reference": reference} | given
