"""PostgreSQL refuses to run as root: how a child gives root up without a new account.

The child becomes `nobody` and keeps one capability, searching and reading folders, so that a
checkout under a closed home folder works and no folder's permissions have to be widened.
"""

import ctypes
import os
import pwd
import sys
from collections.abc import Callable

_PR_SET_KEEPCAPS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 8, 47, 2
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapData(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def is_root() -> bool:
    """Whether this process may do everything."""
    return os.geteuid() == 0


def unprivileged_user() -> tuple[int, int]:
    """User and group id of the account that owns nothing."""
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def drop_root() -> Callable[[], None] | None:
    """What a child runs before it becomes PostgreSQL, or nothing for an ordinary user."""
    if not is_root():
        return None
    uid, gid = unprivileged_user()

    def become_nobody() -> None:
        linux = sys.platform == "linux"
        if linux:
            _libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        if linux:
            _keep_folder_search()

    return become_nobody


def _keep_folder_search() -> None:
    # Best effort: without the capability PostgreSQL itself says which folder it cannot enter.
    wanted = 1 << _CAP_DAC_READ_SEARCH
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    data = (_CapData * 2)(_CapData(wanted, wanted, wanted), _CapData(0, 0, 0))
    _libc.capset(ctypes.byref(header), ctypes.byref(data))
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0)
