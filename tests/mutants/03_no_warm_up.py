"""There is no warm-up, so the first round times the compiler.

Caught by: first_call_compiles
Diagnosis: no warm-up
"""

import statistics


def measure(fn, sync, now, rounds):
    times = []
    for _ in range(rounds):
        start = now()
        fn()
        sync()
        times.append(now() - start)
    return 1000 * statistics.median(times)
