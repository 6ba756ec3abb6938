"""From the body of a preview to facts: every rule that the body breaks is named at once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.deadlines.domain.facts import (
    DECISIONS,
    Completion,
    Decision,
    Extension,
    Facts,
    Pause,
)
from services.deadlines.domain.rules import RuleSet
from services.deadlines.entrypoints.preview_body import PauseIn, PreviewIn
from services.deadlines.entrypoints.reading import Reading
from shared.areas import COUNCIL_AREAS

# Stands in for a value that was wrong, until everything wrong is known and refused together.
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_NO_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class PreviewAsked:
    """What a preview is asked about."""

    kind: str
    area: str
    facts: Facts
    as_at: datetime


def preview_asked(body: PreviewIn, rules: RuleSet, now: datetime) -> PreviewAsked:
    """The facts of a preview; `Invalid` with every field that breaks a rule."""
    reading = Reading()
    reading.one_of("kind", body.kind, rules.by_kind)
    if body.area not in COUNCIL_AREAS:
        reading.wrong("area", "must be the GSS code of a council area, such as S12000047")
    _check_obligations(reading, body, rules)
    as_at = reading.instant("as_at", body.as_at) or now
    facts = _facts(reading, body)
    reading.refuse_broken()
    return PreviewAsked(body.kind, body.area, facts, as_at)


def _facts(reading: Reading, body: PreviewIn) -> Facts:
    occurred_at = reading.instant("occurred_at", body.occurred_at)
    aware_at = reading.instant("aware_at", body.aware_at)
    if occurred_at and aware_at and aware_at < occurred_at:
        reading.wrong("aware_at", "must not be before occurred_at")
    return Facts(
        occurred_at=occurred_at or _NO_TIME,
        aware_at=aware_at or occurred_at or _NO_TIME,
        received_at=reading.instant("received_at", body.received_at),
        ratified_at=reading.instant("ratified_at", body.ratified_at),
        decisions=_decisions(reading, body),
        completions=_completions(reading, body),
        pauses=tuple(
            _pause(reading, f"pauses[{number}]", pause)
            for number, pause in enumerate(body.pauses or ())
        ),
        extensions=_extensions(reading, body),
    )


def _decisions(reading: Reading, body: PreviewIn) -> tuple[Decision, ...]:
    found: list[Decision] = []
    for number, one in enumerate(body.decisions or ()):
        reading.one_of(f"decisions[{number}].decision", one.decision, DECISIONS)
        at = reading.instant(f"decisions[{number}].at", one.at)
        found.append(Decision(one.decision, at or _NO_TIME))
    return tuple(found)


def _completions(reading: Reading, body: PreviewIn) -> tuple[Completion, ...]:
    found: list[Completion] = []
    for number, one in enumerate(body.completions or ()):
        at = reading.instant(f"completions[{number}].at", one.at)
        found.append(Completion(one.obligation, at or _NO_TIME))
    return tuple(found)


def _pause(reading: Reading, field: str, pause: PauseIn) -> Pause:
    starts = reading.day(f"{field}.from", pause.starts)
    ends = reading.day(f"{field}.until", pause.ends)
    if starts and ends and ends < starts:
        reading.wrong(f"{field}.until", "must not be before from")
    return Pause(pause.obligation, starts or _NO_DAY, ends)


def _extensions(reading: Reading, body: PreviewIn) -> tuple[Extension, ...]:
    for number, one in enumerate(body.extensions or ()):
        if one.amount < 1:
            reading.wrong(f"extensions[{number}].amount", "must be 1 or more")
    return tuple(Extension(one.obligation, one.amount) for one in body.extensions or ())


def _check_obligations(reading: Reading, body: PreviewIn, rules: RuleSet) -> None:
    """Each must be one the kind has; while the kind itself is wrong there is nothing to hold to."""
    known = rules.obligations(body.kind)
    if not known:
        return
    for name in ("completions", "pauses", "extensions"):
        for number, one in enumerate(getattr(body, name) or ()):
            reading.one_of(f"{name}[{number}].obligation", one.obligation, known)
