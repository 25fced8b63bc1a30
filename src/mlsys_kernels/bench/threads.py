"""Pin the thread pools of the libraries that are loaded, and read back what they say afterwards."""

import os
import sys
from typing import Any

from threadpoolctl import threadpool_info, threadpool_limits


def usable_cores() -> int:
    """How many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def use(count: int) -> None:
    """Let numba's parallel loops run on `count` threads; the libraries stay as they were pinned."""
    numba: Any = sys.modules.get("numba")
    if numba is not None:
        numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))


def pin(count: int) -> dict[str, int]:
    """Set NumPy's BLAS, OpenMP, numba and torch to `count` threads; returns what each pool then reports.

    An environment variable set after NumPy is imported would be ignored, so the pools themselves are told. Called
    again whenever a library has been loaded.
    """
    threadpool_limits(limits=count)
    pools: dict[str, int] = {}
    numba: Any = sys.modules.get("numba")
    if numba is not None:
        numba.set_num_threads(count)
        # Before torch is set: numba's getter can reset torch's thread count (numba issue 9387).
        pools["numba"] = numba.get_num_threads()
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(count)
        pools["torch"] = torch.get_num_threads()
    for pool in threadpool_info():
        name = f"{pool['internal_api']} {pool.get('version') or ''}".strip()
        pools[name] = max(pools.get(name, 0), int(pool["num_threads"]))
    return pools
