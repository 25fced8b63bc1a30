"""The upper of the two middle times when the number of rounds is even.

Caught by: even_rounds
Diagnosis: mean of the two times in the middle
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
    return 1000 * sorted(times)[rounds // 2]
