"""The warm-up waits until some time has passed, and nothing makes time pass.

Caught by: first_call_compiles
"""

import statistics


def measure(fn, sync, now, rounds):
    fn()
    sync()
    begun = now()
    while now() < begun + 0.1:
        pass
    times = []
    for _ in range(rounds):
        start = now()
        fn()
        sync()
        times.append(now() - start)
    return 1000 * statistics.median(times)
