"""What the benchmarks came to, kept beside them as JSON, with the machine and the commit."""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil

FOLDER = Path(__file__).parent / "results"


class Goal(msgspec.Struct, frozen=True):
    """One figure that is promised: `value` must be `at_least` or `at_most` so much."""

    what: str
    value: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the figure keeps the promise."""
        enough = self.at_least is None or self.value >= self.at_least
        return enough and (self.at_most is None or self.value <= self.at_most)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One benchmark's outcome; `figures` is whatever it says beside its goals."""

    name: str
    work: str
    goals: list[Goal]
    figures: dict[str, Any]
    rounds: int
    on: str
    commit: str
    machine: dict[str, Any]


def result(
    name: str, work: str, *, goals: list[Goal], figures: Mapping[str, Any], rounds: int
) -> Result:
    """A result of this moment, this commit and this machine."""
    return Result(
        name=name,
        work=work,
        goals=goals,
        figures=msgspec.to_builtins(dict(figures)),
        rounds=rounds,
        on=f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        commit=_commit(),
        machine=_machine(),
    )


def keep(made: Result) -> Path:
    """Write a result in place of the last one."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{made.name}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    return path


def read(document: bytes) -> Result:
    """A result that was kept."""
    return msgspec.json.decode(document, type=Result)


def told(made: Result) -> str:
    """A result in a few lines for people."""
    lines = [f"{made.name}: {made.work}"]
    lines += [
        f"  {_verdict(goal)} {goal.what}: {goal.value:g}{_bound(goal)}" for goal in made.goals
    ]
    return "\n".join(lines)


def _verdict(goal: Goal) -> str:
    return "met   " if goal.met else "MISSED"


def _bound(goal: Goal) -> str:
    at_least = "" if goal.at_least is None else f" (goal >= {goal.at_least:g})"
    return at_least + ("" if goal.at_most is None else f" (goal <= {goal.at_most:g})")


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _commit() -> str:
    asked = ["git", "-C", str(FOLDER.parent), "rev-parse", "--short", "HEAD"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"
