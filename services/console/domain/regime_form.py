"""The form that declares an emergency regime, read into what deadlines is asked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.console.domain.entered import NO_DAY, is_day
from services.console.domain.letter import spoken
from services.console.domain.refusals import SAY_WHY, TOO_SHORT, in_form
from shared.errors import FieldError, Invalid

# Each kind, area and obligation has a field of its own: `kind_…`, `area_…`, `amount_…`.
KIND, AREA, AMOUNT = "kind_", "area_", "amount_"
_MISSING = {
    "name": "Give it a name that people will know it by.",
    "from": "Say from which day it holds.",
    "reason": SAY_WHY,
    "agreed_by": "Name the role or body that agreed, not a person.",
}
_BETTER = TOO_SHORT | {
    "must be after from": "It must end after its first day.",
    "must be areas that are yours": "Choose areas that are yours; none chosen would be all.",
}
_INDEXED = re.compile(r"(kinds|areas|extensions)(?:\[(\d+)\])?(?:\.\w+)?")


@dataclass
class RegimeForm:
    """What the form asks; `errors` name its own fields."""

    form: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def refused(self, refusal: Invalid) -> Invalid:
        """What deadlines finds wrong, at the fields of the form."""
        return in_form(refusal.errors, self._place, _BETTER)

    def _place(self, name: str) -> str:
        found = _INDEXED.fullmatch(name)
        if found is None:
            return name if name in ("name", "from", "until", "agreed_by") else "reason"
        if found[1] == "extensions" and found[2]:
            return AMOUNT + self.body["extensions"][int(found[2])]["obligation"]
        return found[1]


def read_regime(form: Mapping[str, str]) -> RegimeForm:
    """The regime of a form, and everything that is wrong with it at once."""
    asked = RegimeForm(form)
    for name, rule in _MISSING.items():
        asked.body[name] = form.get(name, "").strip()
        if not asked.body[name]:
            asked.errors.append(FieldError(name, rule))
    asked.body |= {"kinds": _chosen(form, KIND), "areas": _chosen(form, AREA)}
    asked.body["until"] = form.get("until", "").strip() or None
    for name in ("from", "until"):
        if asked.body[name] and not is_day(asked.body[name]):
            asked.errors.append(FieldError(name, NO_DAY))
    asked.body["extensions"] = [
        {"obligation": obligation, "amount": _amount(asked, obligation)}
        for obligation in _written(form, AMOUNT)
    ]
    return asked


def offers(rules: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What can be given more time, and in which units its rules count."""
    units: dict[str, list[str]] = {}
    for rule in rules:
        if rule["amount"] is not None:
            units.setdefault(rule["obligation"], []).append(spoken(rule["unit"]))
    return {obligation: _joined(list(dict.fromkeys(one))) for obligation, one in units.items()}


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _chosen(form: Mapping[str, str], prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in form if name.startswith(prefix)]


def _written(form: Mapping[str, str], prefix: str) -> list[str]:
    return [name for name in _chosen(form, prefix) if form[prefix + name].strip()]


def _amount(asked: RegimeForm, obligation: str) -> int:
    given = asked.form[AMOUNT + obligation].strip()
    if re.fullmatch(r"[0-9]{1,6}", given):
        return int(given)
    rule = "Say how many more as a whole number, or leave it empty."
    asked.errors.append(FieldError(AMOUNT + obligation, rule))
    return 0
