"""The body of `POST /previews`: facts that nobody need have recorded."""

from typing import Annotated

from msgspec import Meta, Struct, field

# Read by `preview_facts.py` rather than by the decoder: so a wrong instant is named beside the
# other rules that the facts break, and not instead of them.
Instant = Annotated[
    str,
    Meta(
        description="RFC 3339 with an offset",
        examples=["2026-03-28T22:30:00Z"],
        extra_json_schema={"format": "date-time"},
    ),
]
LocalDate = Annotated[str, Meta(examples=["2026-03-28"], extra_json_schema={"format": "date"})]


class DecisionIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`learning-review` or `no-learning-review`, and when it was decided."""

    decision: str
    at: Instant


class CompletionIn(Struct, frozen=True, forbid_unknown_fields=True):
    """When what an obligation asks for was received; `received_at` alone completes `notify`."""

    obligation: str
    at: Instant


class PauseIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Local dates; `until` is exclusive, and null while the pause lasts."""

    obligation: str
    starts: LocalDate = field(name="from")
    ends: LocalDate | None = field(name="until", default=None)


class ExtensionIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole number of the rule's own unit, at least 1."""

    obligation: str
    amount: Annotated[int, Meta(extra_json_schema={"minimum": 1})]


class PreviewIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`aware_at` is `occurred_at` unless given; `as_at` is now."""

    kind: str
    area: str
    occurred_at: Instant
    aware_at: Instant | None = None
    received_at: Instant | None = None
    ratified_at: Instant | None = None
    as_at: Instant | None = None
    decisions: list[DecisionIn] | None = None
    completions: list[CompletionIn] | None = None
    pauses: list[PauseIn] | None = None
    extensions: list[ExtensionIn] | None = None
