"""The clock is read first, and the device is waited for afterwards.

Caught by: launch_is_not_the_work
Diagnosis: before sync()
"""

import statistics


def measure(fn, sync, now, rounds):
    fn()
    sync()
    times = []
    for _ in range(rounds):
        start = now()
        fn()
        stop = now()
        sync()
        times.append(stop - start)
    return 1000 * statistics.median(times)
