"""Logs of the children: each is cut when it grows too long, and one older piece is kept."""

import os
import shutil
from pathlib import Path

LARGEST_BYTES = 10 * 1024 * 1024


def rotate(logs: Path, largest: int = LARGEST_BYTES) -> None:
    """Copies and empties every log over `largest`; the children append, so they just go on."""
    for log in logs.glob("*.log"):
        if log.stat().st_size > largest:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)
