"""The form that puts a wrong date of a case right, read into what intake is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.console.domain.date_names import (
    AWARE,
    DATES,
    DECIDED,
    OCCURRED,
    RATIFIED,
    RECEIVED,
    SUBMITTED,
)
from services.console.domain.entered import instant_of
from services.console.domain.letter import spoken
from shared.errors import FieldError

CHOOSE = "Choose the date that is wrong."
# The plain ones; the date of a decision or a report goes with its id.
PLAIN = (OCCURRED, AWARE, RECEIVED, RATIFIED)
# What the id of one is told as.
_NAMED = {DECIDED: "decision", SUBMITTED: "submission"}


@dataclass(frozen=True, slots=True)
class Correctable:
    """A date of the case that can be put right: what it is called, and what it says now."""

    id: str
    label: str
    now: str


@dataclass
class CorrectionForm:
    """What the form asks; `errors` name its own fields."""

    body: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)


def correctable(note: Mapping[str, Any], may: Callable[[str], bool]) -> list[Correctable]:
    """Every date that was given and `may` be put right; each decision and report by its id."""
    found = [Correctable(name, DATES[name], note[name]) for name in PLAIN if note.get(name)]
    found += [_one_of(DECIDED, one, one["decision"]) for one in note["decisions"]]
    reports = [one for one in note["submissions"] if one["addendum_to"] is None]
    found += [_one_of(SUBMITTED, one, one["stage"]) for one in reports]
    return [one for one in found if may(one.id.partition(".")[0])]


def _one_of(name: str, told: Mapping[str, Any], what: str) -> Correctable:
    return Correctable(f"{name}.{told['id']}", f"{DATES[name]}: {spoken(what)}", told[name])


def read_correction(form: Mapping[str, str]) -> CorrectionForm:
    """The correction of a form, and everything that is wrong with it at once."""
    asked = CorrectionForm()
    name, _, which = form.get("field", "").partition(".")
    asked.body = {"field": name, "reason": form.get("reason", "").strip()}
    if name in _NAMED:
        asked.body[_NAMED[name]] = which
    if not name:
        asked.errors.append(FieldError("field", CHOOSE))
    try:
        asked.body["value"] = instant_of(form.get("value", "").strip())
    except ValueError as error:
        asked.errors.append(FieldError("value", str(error)))
    if not asked.body["reason"]:
        asked.errors.append(FieldError("reason", "Say why the date was wrong."))
    return asked
