"""How long a warm start takes until everything is ready, and the memory of the whole.

Run it with `python -m tests.system.measure_start`; it prints, and judges nothing.
"""

import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from deploy.local.addresses import SERVICES
from tests.system.chain import Chain
from tests.system.running import System
from tests.system.waiting import until

STARTS = 3
KIB = 1024


def seconds_to_start(system: System) -> float:
    """From the command until every service says that it is ready, the lag of its parts included."""
    began = time.monotonic()
    system.start()
    until(lambda: all(_ready(system.url(service)) for service in SERVICES), within=120)
    return time.monotonic() - began


def megabytes(process: psutil.Process) -> float:
    """The proportional set size of one process: what is shared counts once in the whole."""
    if sys.platform != "linux":
        return process.memory_info().rss / KIB**2
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / KIB


def of_each(system: System) -> dict[str, float]:
    """The memory of each child by its name; what is left belongs to the supervisor and helpers."""
    named = {child["pid"]: child["name"] for child in system.home.status()["children"]}
    sizes: dict[str, float] = {}
    for process in system.processes():
        above = [process.pid, *(one.pid for one in process.parents())]
        name = next((named[pid] for pid in above if pid in named), "supervisor")
        sizes[name] = sizes.get(name, 0) + megabytes(process)
    return sizes


def main() -> None:
    """A first start to make everything, then warm ones; the memory after some work."""
    with tempfile.TemporaryDirectory(prefix="scrutiny-measure-") as folder:
        system = System(Path(folder) / "home")
        try:
            _say(f"first start: {seconds_to_start(system):.1f} s")
            for number in range(1, STARTS + 1):
                system.stop()
                _say(f"warm start {number}: {seconds_to_start(system):.1f} s")
            _work(system)
            sizes = of_each(system)
        finally:
            system.stop()
    for name, size in sorted(sizes.items(), key=lambda one: -one[1]):
        _say(f"{name:12} {size:6.0f} MB")
    _say(f"{'whole':12} {sum(sizes.values()):6.0f} MB (proportional set size)")


def _work(system: System) -> None:
    chain = Chain(system)
    references = [chain.notified() for _ in range(50)]
    chain.told(references[-1])
    chain.close()


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
