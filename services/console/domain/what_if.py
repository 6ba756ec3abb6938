"""The form of the what-if page, read into the facts that deadlines is asked about."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.console.domain.entered import NO_DAY, instant_of, is_day
from shared.errors import FieldError

# How many pauses, extensions, decisions and things handed in the form has room for.
ROWS = (1, 2)
ROOM = {
    "decisions": ("decision", "at"),
    "completions": ("obligation", "at"),
    "pauses": ("obligation", "from", "until"),
    "extensions": ("obligation", "amount"),
}
INSTANTS = ("occurred_at", "aware_at", "received_at", "ratified_at", "as_at")
_PLACE = re.compile(r"(decisions|completions|pauses|extensions)\[(\d+)\](?:\.(\w+))?")
_MISSING = {
    "kind": "Choose what is notified.",
    "area": "Choose the council area.",
    "occurred_at": "Say when it happened, the time too.",
    "decision": "Choose what was decided.",
    "obligation": "Choose what it is about.",
    "at": "Say when that was.",
    "from": "Say when the pause begins.",
    "amount": "Say by how much, as a whole number.",
}
_BETTER = {
    ("aware_at", "must not be before occurred_at"): "Nobody was aware before it happened.",
    ("until", "must not be before from"): "The pause cannot end before it begins.",
    ("obligation", "must be one of"): "This kind of notification does not ask for that.",
    ("amount", "must be 1 or more"): "An extension is at least 1.",
}


@dataclass
class WhatIf:
    """What the form asks; `errors` name the form's own fields."""

    form: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)
    # Where in the form the entries of each list of the body stand.
    rows: dict[str, list[int]] = field(default_factory=dict)

    def refused(self, errors: Sequence[FieldError]) -> None:
        """Takes up what deadlines finds wrong, at the fields of the form and in plain words."""
        self.errors += [_in_form(error, self.rows) for error in errors]


def read_what_if(form: Mapping[str, str]) -> WhatIf:
    """The facts of a form, and everything that is wrong with it at once."""
    asked = WhatIf(form)
    for name in ("kind", "area"):
        asked.body[name] = form.get(name, "")
    for name in ("kind", "area", "occurred_at"):
        if not form.get(name, "").strip():
            asked.errors.append(FieldError(name, _MISSING[name]))
    for name in INSTANTS:
        if at := _instant(asked, name):
            asked.body[name] = at
    for name in ROOM:
        asked.body[name] = list(_rows(asked, name))
    return asked


def row_field(name: str, number: int, part: str) -> str:
    """What a field of a row is called in the form: `pauses_1_from`."""
    return f"{name}_{number}_{part}"


def _rows(asked: WhatIf, name: str) -> Iterator[dict[str, Any]]:
    for number in ROWS:
        fields = {part: row_field(name, number, part) for part in ROOM[name]}
        if any(asked.form.get(place, "").strip() for place in fields.values()):
            asked.rows.setdefault(name, []).append(number)
            yield {part: _part(asked, part, place) for part, place in fields.items()}


def _part(asked: WhatIf, part: str, place: str) -> Any:
    given = asked.form.get(place, "").strip()
    if not given:
        if part != "until":
            asked.errors.append(FieldError(place, _MISSING[part]))
        return None
    if part == "at":
        return _instant(asked, place)
    if part in ("from", "until"):
        return _day(asked, place)
    return _amount(asked, place) if part == "amount" else given


def _instant(asked: WhatIf, place: str) -> str | None:
    given = asked.form.get(place, "").strip()
    if not given:
        return None
    try:
        return instant_of(given)
    except ValueError as error:
        asked.errors.append(FieldError(place, str(error)))
        return None


def _day(asked: WhatIf, place: str) -> str | None:
    given = asked.form[place].strip()
    if not is_day(given):
        asked.errors.append(FieldError(place, NO_DAY))
        return None
    return given


def _amount(asked: WhatIf, place: str) -> int | None:
    given = asked.form[place].strip()
    if not re.fullmatch(r"[0-9]{1,4}", given):
        asked.errors.append(FieldError(place, _MISSING["amount"]))
        return None
    return int(given)


def _in_form(error: FieldError, rows: Mapping[str, Sequence[int]]) -> FieldError:
    place, part = error.field, error.field
    if found := _PLACE.fullmatch(error.field):
        name, number, part = found[1], rows[found[1]][int(found[2])], found[3] or "obligation"
        place = row_field(name, number, part)
    for (field_, rule), better in _BETTER.items():
        if field_ == part and error.rule.startswith(rule):
            return FieldError(place, better)
    return FieldError(place, f"This {error.rule}.")
