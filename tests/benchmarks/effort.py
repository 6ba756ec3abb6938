"""How much is measured: all of it with `make bench`, next to nothing in the tests."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """Full efforts are figures; a tiny one only shows that a benchmark still runs."""

    full: bool
    rounds: int

    def of(self, tiny: int, full: int) -> int:
        """A size: `tiny` in the tests, `full` where it counts."""
        return full if self.full else tiny


FULL = Effort(full=True, rounds=5)
TINY = Effort(full=False, rounds=1)
