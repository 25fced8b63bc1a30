"""The fastest round.

Caught by: one_fast_round
Diagnosis: that is the minimum
"""


def measure(fn, sync, now, rounds):
    fn()
    sync()
    times = []
    for _ in range(rounds):
        start = now()
        fn()
        sync()
        times.append(now() - start)
    return 1000 * min(times)
