"""Nothing waits for the device, so only the launch is timed.

Caught by: launch_is_not_the_work
Diagnosis: never called
"""

import statistics


def measure(fn, sync, now, rounds):
    fn()
    times = []
    for _ in range(rounds):
        start = now()
        fn()
        times.append(now() - start)
    return 1000 * statistics.median(times)
