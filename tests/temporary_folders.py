"""Where tests keep their files: in memory where there is room for them.

Every database and every server of a test is hundreds of files, and a disk takes several times as
long to make them. Nothing is lost by it: what tests kill are processes, never the machine.
"""

import os
import shutil
from pathlib import Path

from tests.chaos.sizes import FULL

IN_MEMORY = Path("/dev/shm")  # noqa: S108 (pytest makes a folder of its own there, for us alone)
ROOM = 8 * 1024**3


def keep_in_memory() -> None:
    """Let pytest make its temporary folders there; full attacks write more than a memory holds."""
    if not FULL and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))
