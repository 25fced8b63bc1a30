"""fn runs once more in every round, before the clock is read.

Caught by: exactly_the_rounds
Diagnosis: each round calls fn once
"""

import statistics


def measure(fn, sync, now, rounds):
    fn()
    sync()
    times = []
    for _ in range(rounds):
        fn()
        sync()
        start = now()
        fn()
        sync()
        times.append(now() - start)
    return 1000 * statistics.median(times)
