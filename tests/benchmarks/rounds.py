"""Contenders measured in turn, round after round, so that a busy moment meets all of them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import median

import msgspec

# Runs its work once; answers how much it did in a second, or how long it took.
Run = Callable[[], Awaitable[float]]


class Measured(msgspec.Struct, frozen=True):
    """What one contender came to, round by round; `spread` is (highest - lowest) / median."""

    median: float
    spread: float
    rounds: list[float]

    @classmethod
    def of(cls, values: Sequence[float]) -> "Measured":
        """The same of any values."""
        middle = median(values)
        spread = (max(values) - min(values)) / middle if middle else 0.0
        return cls(_short(middle), _short(spread), [_short(value) for value in values])


async def interleaved(contenders: Mapping[str, Run], rounds: int) -> dict[str, Measured]:
    """Every contender once a round, after one round that does not count; the order turns about."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        names = list(contenders)
        for name in names if number % 2 == 0 else reversed(names):
            value = await contenders[name]()
            if number:
                found[name].append(value)
    return {name: Measured.of(values) for name, values in found.items()}


def ratio(ours: Measured, theirs: Measured) -> Measured:
    """Ours as a part of theirs, round against round: what slowed a whole round cancels out."""
    return Measured.of([a / b for a, b in zip(ours.rounds, theirs.rounds, strict=True)])


def _short(value: float) -> float:
    return float(f"{value:.4g}")
