"""Give up what a worker may do beyond an ordinary user, and tie its life to its parent's.

Linux only: on other systems every function here does nothing. What is given up cannot be had back. Capabilities belong
to a thread, so call `drop` while there is only one. Root without capabilities is still the owner of root's files: what
it may open is up to landlock.py.
"""

import contextlib
import ctypes
import os
import signal
import struct
import sys
from functools import cache
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 24, 36, 38, 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522
_CAPABILITIES = 64
"""More than there are; Linux 6.18 has 41."""
_FIRST_TO_DIE = 1000


def drop() -> None:
    """Empty every capability set, and refuse all that a program with the setuid bit would give.

    Raises:
        OSError: something is left, which no kernel should allow.
    """
    if sys.platform != "linux":
        return
    if not _prctl(_PR_SET_NO_NEW_PRIVS, 1):
        raise OSError("prctl: no_new_privs was refused")
    for capability in range(_CAPABILITIES):
        _prctl(_PR_CAPBSET_DROP, capability)  # refused to who has no capabilities, or where there is no such one
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    if _libc().capset(header, bytes(24)) != 0:  # 2 × (effective, permitted, inheritable)
        error = ctypes.get_errno()
        raise OSError(error, f"capset: {os.strerror(error)}")


def set_parent_death_signal() -> None:
    """Be killed when the thread that started this process ends. setuid and exec of a setuid program undo it."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def become_subreaper() -> bool:
    """Be the parent of every descendant whose own parent dies, so that none gets away; False where that is unknown."""
    return sys.platform == "linux" and _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_first() -> None:
    """When memory runs out, let the kernel take this process before any other. Call it while /proc can be written."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(_FIRST_TO_DIE))


def _prctl(option: int, argument: int) -> bool:
    arguments = (ctypes.c_ulong(number) for number in (argument, 0, 0, 0))
    return bool(_libc().prctl(option, *arguments) == 0)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
