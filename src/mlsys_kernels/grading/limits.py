"""What a worker may use, applied by the worker to itself before any of the learner's code runs.

These are the limits that every system can enforce. They keep an honest mistake from hurting the machine; they are no
wall against an attacker, who can, for instance, still read files.
"""

import ctypes
import signal
import sys

MEMORY_BYTES = 4 << 30
"""Private writable memory of a worker: enough for torch and the largest case, too little to push a laptop into swap."""

FILE_BYTES = 256 << 20
"""The largest file that a worker may write."""

STOPPED = 70
"""Exit status of a worker that could not go on."""

_PR_SET_PDEATHSIG = 1


def apply() -> None:
    """Limit file size and core dumps, and (on Linux) die with the judge."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def limit_memory() -> None:
    """Limit private writable memory, on Linux; a larger allocation then raises MemoryError."""
    if sys.platform == "linux":
        import resource

        # RLIMIT_DATA, not RLIMIT_AS: numba and torch reserve far more addresses than they use.
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
