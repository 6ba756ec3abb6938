"""How much is attacked, and with which seed: a slice in `make test`, all in `make chaos`."""

import os
import time

FULL = os.environ.get("SCRUTINY_CHAOS") == "full"
# A full attack on a machine that has no hours for it: so much of every full number.
SHARE = float(os.environ.get("SCRUTINY_CHAOS_SHARE") or 1)
# The same seed attacks in the same way again; pytest prints it with every failure.
SEED = int(os.environ.get("SCRUTINY_SEED") or time.time_ns() % 2**32)


def size(part: int, full: int) -> int:
    """`part` of the attack beside all other tests, `full` when promises are what is tested."""
    return max(part, round(full * SHARE)) if FULL else part
