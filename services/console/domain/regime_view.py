"""Emergency regimes as people look at them: those that hold now first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

HOLDS, TO_COME, OVER, WITHDRAWN = "Holds now", "To come", "Over", "Withdrawn"
_ORDER = (HOLDS, TO_COME, OVER, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class RegimeView:
    """One regime, and how it stands on the day it is looked at."""

    regime: Mapping[str, Any]
    standing: str


def view_of_regime(regime: Mapping[str, Any], today: date) -> RegimeView:
    """How it stands today; its last day is the one before `until`."""
    if regime["withdrawn_at"]:
        return RegimeView(regime, WITHDRAWN)
    if date.fromisoformat(regime["from"]) > today:
        return RegimeView(regime, TO_COME)
    over = regime["until"] is not None and date.fromisoformat(regime["until"]) <= today
    return RegimeView(regime, OVER if over else HOLDS)


def in_order(regimes: Iterable[Mapping[str, Any]], today: date) -> list[RegimeView]:
    """What holds, what is to come, what is over; of each the one that began last first."""
    views = [view_of_regime(regime, today) for regime in regimes]
    views.sort(key=lambda view: view.regime["from"], reverse=True)
    return sorted(views, key=lambda view: _ORDER.index(view.standing))
