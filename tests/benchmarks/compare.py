"""What changed between the results that are checked in and those of this checkout."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.results import FOLDER, Goal, Result, read


def compared() -> Iterator[str]:
    """A line for each promised figure: as checked in, as it is now, and the change."""
    for path in sorted(FOLDER.glob("*.json")):
        now, before = read(path.read_bytes()), _checked_in(path)
        yield f"{now.name}: {now.work}"
        yield from (f"  {line}" for line in _lines(now, before))


def _lines(now: Result, before: Result | None) -> Iterator[str]:
    known = {goal.what: goal for goal in before.goals} if before else {}
    for goal in now.goals:
        verdict = "met   " if goal.met else "MISSED"
        yield f"{verdict} {goal.what}: {_change(known.get(goal.what), goal)}"


def _change(before: Goal | None, now: Goal) -> str:
    if before is None:
        return f"{now.value:g} (new)"
    by = f"{now.value / before.value - 1:+.1%}" if before.value else "no change to compare"
    return f"{before.value:g} -> {now.value:g} ({by})"


def _checked_in(path: Path) -> Result | None:
    asked = ["git", "-C", str(path.parent), "show", f"HEAD:./{path.name}"]
    answer = subprocess.run(asked, capture_output=True, check=False)
    return read(answer.stdout) if answer.returncode == 0 else None


if __name__ == "__main__":
    print("\n".join(compared()))
