"""The warm-up is not waited for: the first round also times what is left of it.

Caught by: warm_up_still_running
Diagnosis: still busy
"""

import statistics


def measure(fn, sync, now, rounds):
    fn()
    times = []
    for _ in range(rounds):
        start = now()
        fn()
        sync()
        times.append(now() - start)
    return 1000 * statistics.median(times)
