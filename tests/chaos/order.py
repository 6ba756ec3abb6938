"""Reads a topic as a log and says what is wrong with it: missing, out of order, repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True)
class Verdict:
    """What was acknowledged and is missing, what overtook, and how much was only said again.

    `overtaken` holds, per place, the key, a number and the number that came right after it.
    """

    lost: Sequence[tuple[str, int]] = ()
    overtaken: Sequence[tuple[str, int, int]] = ()
    repeated: int = 0
    events: int = 0

    @property
    def kept(self) -> bool:
        """Nothing lost and nothing out of order; repeats are dropped by every inbox."""
        return not self.lost and not self.overtaken


@dataclass
class _Found:
    lost: list[tuple[str, int]] = field(default_factory=list)
    overtaken: list[tuple[str, int, int]] = field(default_factory=list)
    repeated: int = 0


def judge(found: Mapping[str, Sequence[int]], acknowledged: Mapping[str, int]) -> Verdict:
    """Hold what is on the topic against the last number of each key that was acknowledged.

    After a number comes the next one, or a run that begins at an earlier one and passes through
    all between again. A jump ahead is an event overtaken, whoever may send it afterwards.
    """
    result = _Found()
    for key, last in acknowledged.items():
        numbers = found.get(key, ())
        result.lost += [(key, one) for one in sorted({*range(1, last + 1)} - {*numbers})]
        result.overtaken += [
            (key, one, following)
            for one, following in pairwise((0, *numbers))
            if following > one + 1
        ]
        result.repeated += len(numbers) - len(set(numbers))
    total = sum(acknowledged.values())
    return Verdict(result.lost, result.overtaken, result.repeated, total)
