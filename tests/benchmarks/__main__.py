"""`python -m tests.benchmarks [--tiny] [NAME...]`: measure, print, and keep what it came to."""

import asyncio
import sys

from tests.benchmarks.effort import FULL, TINY
from tests.benchmarks.results import keep, told
from tests.benchmarks.rows import ROWS, measure_of
from tests.benchmarks.servers import servers


def main(arguments: list[str]) -> None:
    """Measure the rows that are named, or all of them; tiny results are not kept."""
    tiny = "--tiny" in arguments
    names = [one for one in arguments if one != "--tiny"] or list(ROWS)
    unknown = set(names) - set(ROWS)
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    for name in names:
        with servers() as started:
            made = asyncio.run(measure_of(name)(TINY if tiny else FULL, started))
        print(told(made), flush=True)
        if not tiny:
            keep(made)


if __name__ == "__main__":
    main(sys.argv[1:])
