"""The kinds of notification, read from `kinds.toml`, and whether one is accepted on a date."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

# What is said of a decision, unless the kind has another sentence for it.
_DECIDED = {
    "learning-review": "It was decided that a learning review is undertaken.",
    "no-learning-review": "It was decided not to undertake a learning review.",
}
# The dates of a case that every case has.
COUNTED_FROM = ("occurred_at", "aware_at", "received_at")


@dataclass(frozen=True, slots=True)
class DetailField:
    """One field of a notification's details; `kind` is text, date or choice."""

    name: str
    kind: str
    required: bool
    label: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a kind is not accepted, and the mailbox to write to instead."""

    why: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class LateReason:
    """Later than `after_days` calendar days after the case's date `since`, a reason is required."""

    after_days: int
    since: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notification, as declared."""

    name: str
    title: str
    notifiers: tuple[str, ...]
    subject_required: bool
    stages: tuple[str, ...]
    # What may be decided, with the sentence that a timeline says it in.
    decisions: Mapping[str, str]
    fields: tuple[DetailField, ...] = field(default=())
    begun_from: date | None = None
    begun_before: date | None = None
    refused: Refusal | None = None
    # Whether the chief officers group ratifies it.
    ratified: bool = False
    # After so many calendar days from becoming aware, a reason for the lateness is asked for.
    late_reason_after_days: int | None = None
    # The same of what is handed in later, by stage.
    late_reasons: Mapping[str, LateReason] = field(default_factory=dict)

    def why_not(self, begun: date) -> str | None:
        """Why something that began on that date is not accepted as this kind; None when it is."""
        if self.refused is not None:
            return f"{self.refused.why} Write to {self.refused.mailbox} instead."
        if self.begun_from is not None and begun < self.begun_from:
            return f"{self.title} is for what began on or after {self.begun_from.isoformat()}."
        if self.begun_before is not None and begun >= self.begun_before:
            return f"{self.title} is for what began before {self.begun_before.isoformat()}."
        return None


@cache
def kinds() -> Mapping[str, Kind]:
    """Every declared kind by its wire name, in the order of the file."""
    text = files("services.intake.domain").joinpath("kinds.toml").read_text(encoding="utf-8")
    return kinds_in(text)


def kinds_in(text: str) -> Mapping[str, Kind]:
    """Every kind that a text in the form of `kinds.toml` declares."""
    return {name: _kind(name, entry) for name, entry in tomllib.loads(text).items()}


def _kind(name: str, entry: dict[str, Any]) -> Kind:
    refused = entry.get("refused")
    return Kind(
        name=name,
        title=entry["title"],
        notifiers=tuple(entry["notifiers"]),
        subject_required=entry["subject"] == "required",
        stages=tuple(entry["stages"]),
        decisions=_decisions(entry),
        fields=tuple(_field(key, value) for key, value in entry["fields"].items()),
        begun_from=entry.get("begun_from"),
        begun_before=entry.get("begun_before"),
        refused=Refusal(**refused) if refused else None,
        ratified=entry.get("ratified", False),
        late_reason_after_days=entry.get("late_reason_after_days"),
        late_reasons=_late_reasons(name, entry),
    )


def _decisions(entry: dict[str, Any]) -> Mapping[str, str]:
    said = {**_DECIDED, **entry.get("decided", {})}
    return {name: said[name] for name in entry["decisions"]}


def _late_reasons(kind: str, entry: dict[str, Any]) -> Mapping[str, LateReason]:
    found = {stage: LateReason(**asked) for stage, asked in entry.get("late_reasons", {}).items()}
    for stage, asked in found.items():
        place = f"kinds.toml: {kind}.late_reasons.{stage}"
        if stage not in entry["stages"]:
            raise ValueError(f"{place} must be one of the kind's stages")
        if type(asked.after_days) is not int or asked.after_days < 0:
            raise ValueError(f"{place}.after_days must be a whole number of days, 0 or more")
        if asked.since not in COUNTED_FROM:
            raise ValueError(f"{place}.since must be one of: {', '.join(COUNTED_FROM)}")
    return found


def _field(name: str, entry: dict[str, Any]) -> DetailField:
    return DetailField(
        name=name,
        kind=entry["type"],
        required=entry["required"],
        label=entry["label"],
        choices=tuple(entry.get("choices", ())),
    )
