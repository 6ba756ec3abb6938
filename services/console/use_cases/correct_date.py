"""Put a wrong date of a case right, and see which clocks that moved."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.correction_form import (
    CHOOSE,
    Correctable,
    correctable,
    read_correction,
)
from services.console.domain.corrections import Corrected, corrected, corrections_of
from services.console.domain.moves import Move, moves_of
from services.console.domain.refusals import among, told_in_form
from services.console.use_cases.acting_on_case import sent
from services.console.use_cases.follow_case import address_of, items
from shared.errors import FieldError, Invalid, NotFound, Unavailable

_BETTER = {
    "is what it says already": "That is what it says already.",
    "must not be in the future": "That lies in the future.",
    "must not be after aware_at": "It cannot have happened after the service became aware; if that "
    "date is wrong too, put it right first.",
    "must not be after received_at": "It cannot have happened after the notification was received.",
    "must not be before occurred_at": "That is before it happened; if that date is wrong too, put "
    "it right first.",
    "makes it a case": "A case with this date would not have been accepted.",
}


@dataclass(frozen=True, slots=True)
class ForeseenCorrection:
    """What a correction would move; None where deadlines does not answer."""

    date: Correctable
    after: str
    moves: Sequence[Move] | None


async def foresee_correction(
    apis: Apis, token: str, reference: str, form: Mapping[str, str], may: Callable[[str], bool]
) -> ForeseenCorrection:
    """Nothing is corrected; whether the date is possible is for intake to say when it is."""
    asked = read_correction(form)
    note = await apis.get("intake", address_of(reference), token)
    date = next((one for one in correctable(note, may) if one.id == form.get("field")), None)
    if asked.errors or date is None:
        raise Invalid(*(asked.errors or [FieldError("field", CHOOSE)]))
    told = {"reference": reference, "field": asked.body["field"], "before": date.now}
    told |= {"after": asked.body["value"]}
    try:
        with told_in_form(lambda _: "value", _BETTER):
            found = await apis.post("deadlines", "/date-corrections/previews", token, told)
    except (Unavailable, NotFound):
        return ForeseenCorrection(date, asked.body["value"], None)
    return ForeseenCorrection(date, asked.body["value"], moves_of(found["moved"]))


async def correct_date(
    apis: Apis, token: str, reference: str, form: Mapping[str, str]
) -> Mapping[str, Any]:
    """The correction as intake recorded it."""
    asked = read_correction(form)
    if asked.errors:
        raise Invalid(*asked.errors)
    told = among(("field", "value", "reason"), "field"), _BETTER
    return await sent(apis, token, (reference, "corrections"), asked.body, form, told)


async def show_correction(
    apis: Apis, token: str, reference: str, act: str, now: datetime
) -> Corrected:
    """What one correction moved; deadlines hears of it within seconds."""
    note = await apis.get("intake", address_of(reference), token)
    found = next((one for _, one in corrections_of(note) if one["id"] == act), None)
    if found is None:
        raise NotFound("There is no such correction.")
    clocks = items(await apis.get("deadlines", "/clocks", token, {"reference": reference}))
    histories = await asyncio.gather(*(_history(apis, token, clock["id"]) for clock in clocks))
    return corrected(found, zip(clocks, histories, strict=True), now)


async def _history(apis: Apis, token: str, clock: str) -> list[dict[str, Any]]:
    return items(await apis.get("deadlines", f"/clocks/{quote(clock, safe='')}/history", token))
