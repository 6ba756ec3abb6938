"""Whom an emergency regime concerns, and which regimes concern a case."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from services.deadlines.domain.case import Case
from services.deadlines.domain.facts import Regime


@dataclass(frozen=True, slots=True)
class Declared:
    """A regime with the kinds and areas it covers; no kinds or no areas mean all of them."""

    regime: Regime
    kinds: tuple[str, ...]
    areas: tuple[str, ...]

    def covers(self, kind: str, area: str) -> bool:
        """Whether cases of this kind in this area are within it."""
        return (not self.kinds or kind in self.kinds) and (not self.areas or area in self.areas)

    def ending(self, ends: date) -> "Declared":
        """The same with another end."""
        return replace(self, regime=replace(self.regime, ends=ends))


def under(case: Case, declared: Iterable[Declared]) -> Case:
    """The case with the regimes that cover it, and no other."""
    mine = sorted(
        (one.regime for one in declared if one.covers(case.kind, case.area)),
        key=lambda regime: (regime.starts, regime.id),
    )
    return case.knowing(replace(case.facts, regimes=tuple(mine)))
