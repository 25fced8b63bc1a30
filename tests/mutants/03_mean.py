"""The mean of the rounds.

Caught by: one_slow_round
Diagnosis: that is the mean
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
    return 1000 * statistics.mean(times)
