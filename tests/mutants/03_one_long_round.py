"""All rounds between two clock readings, divided by their number.

Caught by: one_slow_round
Diagnosis: clock readings of its own
"""


def measure(fn, sync, now, rounds):
    fn()
    sync()
    start = now()
    for _ in range(rounds):
        fn()
    sync()
    return 1000 * (now() - start) / rounds
