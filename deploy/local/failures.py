"""What can keep the local system from running: one clear sentence and one exit code each."""

import errno
import shutil
from pathlib import Path

LEAST_FREE_BYTES = 300 * 1024 * 1024


class StackFailure(Exception):
    """Something a person can put right; the text is the sentence they are shown."""

    exit_code = 1


class PortTaken(StackFailure):
    """Another process listens where one of ours must."""

    exit_code = 3


class DiskFull(StackFailure):
    """There is no room for the data folder."""

    exit_code = 4


class DamagedFolder(StackFailure):
    """Data is there but cannot be read; nothing was changed."""

    exit_code = 5


class AlreadyRunning(StackFailure):
    """Another supervisor holds this folder."""

    exit_code = 6


class NotRunning(StackFailure):
    """There is no supervisor in this folder."""

    exit_code = 7


class Unreachable(StackFailure):
    """Something outside this machine is needed and does not answer."""

    exit_code = 8


class NotReady(StackFailure):
    """A child started and did not become ready."""

    exit_code = 9


def disk_full(folder: Path) -> DiskFull:
    """The failure to raise when a write into `folder` found no room."""
    return DiskFull(f"The disk that holds {folder} is full: free some space and start again.")


def require_space(folder: Path, least: int = LEAST_FREE_BYTES) -> None:
    """Refuses to start on a disk that has less than `least` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < least:
        raise DiskFull(
            f"The disk that holds {folder} has {free // 2**20} MB free and at least "
            f"{least // 2**20} MB are needed: free some space and start again."
        )


def is_disk_full(error: OSError) -> bool:
    """Whether this error says that no room is left (or a quota is used up)."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
