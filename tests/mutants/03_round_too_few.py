"""The warm-up counts as one of the rounds.

Caught by: exactly_the_rounds
Diagnosis: too few times
"""

import statistics


def measure(fn, sync, now, rounds):
    fn()
    sync()
    times = []
    for _ in range(1, rounds):
        start = now()
        fn()
        sync()
        times.append(now() - start)
    return 1000 * statistics.median(times or [0.0])
