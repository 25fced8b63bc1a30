"""The right time, in seconds.

Caught by: seconds_for_milliseconds
Diagnosis: in seconds
"""

import statistics


def measure(fn, sync, now, rounds):
    fn()
    sync()
    times = []
    for _ in range(rounds):
        start = now()
        fn()
        sync()
        times.append(now() - start)
    return statistics.median(times)
