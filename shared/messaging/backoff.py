"""Waiting longer after each failure, never all at the same moment."""

import asyncio
import random
from dataclasses import dataclass


@dataclass
class Backoff:
    """Doubles from `first` to `most` seconds, each wait anywhere in the upper half of its span."""

    first: float = 0.1
    most: float = 3.0
    failures: int = 0

    def reset(self) -> None:
        """Something worked: the next wait is short again."""
        self.failures = 0

    def next_delay(self) -> float:
        """Seconds to wait now."""
        span = min(self.most, self.first * 2 ** min(self.failures, 30))
        self.failures += 1
        return span * random.uniform(0.5, 1.0)  # noqa: S311 - spreading load, not keeping secrets

    async def sleep(self) -> None:
        """Wait for the next delay."""
        await asyncio.sleep(self.next_delay())
