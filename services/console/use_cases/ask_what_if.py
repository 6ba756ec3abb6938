"""Ask deadlines what would be due, as the person who is looking; nothing is recorded."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.console.apis import Apis
from services.console.domain.clock_view import Owed, owed
from services.console.domain.what_if import WhatIf
from services.console.use_cases.follow_case import items
from shared.errors import Invalid

Rule = Mapping[str, Any]


async def known_rules(apis: Apis, token: str) -> Sequence[Rule]:
    """Every rule in force."""
    return items(await apis.get("deadlines", "/rules", token))


async def ask_what_if(apis: Apis, token: str, asked: WhatIf) -> list[Owed]:
    """The clocks that these facts would have; what is wrong with the facts is taken up instead."""
    if asked.errors:
        return []
    try:
        answer = await apis.post("deadlines", "/previews", token, asked.body)
    except Invalid as refusal:
        asked.refused(refusal.errors)
        return []
    return owed(answer["clocks"])
