"""The kinds of notification, read from `kinds.toml`, and whether one is accepted on a date."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any


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
class Kind:
    """One kind of notification, as declared."""

    name: str
    title: str
    notifiers: tuple[str, ...]
    subject_required: bool
    stages: tuple[str, ...]
    decisions: tuple[str, ...]
    fields: tuple[DetailField, ...] = field(default=())
    begun_from: date | None = None
    begun_before: date | None = None
    refused: Refusal | None = None

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
    return {name: _kind(name, entry) for name, entry in tomllib.loads(text).items()}


def _kind(name: str, entry: dict[str, Any]) -> Kind:
    refused = entry.get("refused")
    return Kind(
        name=name,
        title=entry["title"],
        notifiers=tuple(entry["notifiers"]),
        subject_required=entry["subject"] == "required",
        stages=tuple(entry["stages"]),
        decisions=tuple(entry["decisions"]),
        fields=tuple(_field(key, value) for key, value in entry["fields"].items()),
        begun_from=entry.get("begun_from"),
        begun_before=entry.get("begun_before"),
        refused=Refusal(**refused) if refused else None,
    )


def _field(name: str, entry: dict[str, Any]) -> DetailField:
    return DetailField(
        name=name,
        kind=entry["type"],
        required=entry["required"],
        label=entry["label"],
        choices=tuple(entry.get("choices", ())),
    )
