"""Which emergency regimes touch a clock, and by how much they extend it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.deadlines.domain.count import Count
from services.deadlines.domain.facts import Facts, Regime
from services.deadlines.domain.local_time import midnight
from services.deadlines.domain.rules import Rule

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Emergency:
    """The regimes that touch one clock, earliest first, and the units they add together."""

    regimes: tuple[Regime, ...] = ()
    extended: int = 0


NONE = Emergency()


def emergency(
    rule: Rule, facts: Facts, anchor: datetime | None, count_with: Callable[[int], Count]
) -> Emergency:
    """Every regime in whose period the obligation ran: begun before its end, not ended before it.

    They are taken by their first day, so that one that extends a clock into the next counts there
    too, in whatever order they were declared. `count_with` counts with so many units more.
    """
    if not facts.regimes or anchor is None or not rule.unit.has_number:
        return NONE
    touched, extended = list[Regime](), 0
    completed = facts.completed_at(rule.obligation) or _NEVER
    for regime in sorted(facts.regimes, key=lambda one: (one.starts, one.id)):
        ended = min(count_with(extended).due_at or _NEVER, completed)
        if anchor < _ends(regime) and ended > midnight(regime.starts):
            touched.append(regime)
            extended += regime.extends(rule.obligation)
    return Emergency(tuple(touched), extended)


def discussed(regimes: tuple[Regime, ...], due_at: datetime | None) -> bool:
    """Whether it is due within the period of a regime: a breach is then discussed, not missed."""
    return due_at is not None and any(
        midnight(regime.starts) < due_at <= _ends(regime) for regime in regimes
    )


def _ends(regime: Regime) -> datetime:
    return midnight(regime.ends) if regime.ends is not None else _NEVER
