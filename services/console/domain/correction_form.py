"""The form that puts a wrong date of a case right, read into what intake is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.console.domain.date_names import AWARE, DATES, DECIDED, OCCURRED, RATIFIED
from services.console.domain.entered import instant_of
from services.console.domain.letter import spoken
from shared.errors import FieldError

CHOOSE = "Choose the date that is wrong."
# The plain ones; a decision's date goes with the decision.
CORRECTABLE = (OCCURRED, AWARE, RATIFIED)


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


def correctable(note: Mapping[str, Any]) -> list[Correctable]:
    """Every date that was given; of decisions each, under the decision's id."""
    found = [Correctable(name, DATES[name], note[name]) for name in CORRECTABLE if note.get(name)]
    for decision in note["decisions"]:
        label = f"{DATES[DECIDED]}: {spoken(decision['decision'])}"
        found.append(Correctable(f"{DECIDED}.{decision['id']}", label, decision["decided_at"]))
    return found


def read_correction(form: Mapping[str, str]) -> CorrectionForm:
    """The correction of a form, and everything that is wrong with it at once."""
    asked = CorrectionForm()
    name, _, decision = form.get("field", "").partition(".")
    asked.body = {"field": name, "decision": decision or None}
    asked.body["reason"] = form.get("reason", "").strip()
    if not name:
        asked.errors.append(FieldError("field", CHOOSE))
    try:
        asked.body["value"] = instant_of(form.get("value", "").strip())
    except ValueError as error:
        asked.errors.append(FieldError("value", str(error)))
    if not asked.body["reason"]:
        asked.errors.append(FieldError("reason", "Say why the date was wrong."))
    return asked
