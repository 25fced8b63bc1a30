"""03 honest timer: measure a device that does not wait for you.

A GPU is asynchronous: starting a kernel puts work into a queue and returns at once. The work is done later, while your
program goes on.

    your program   fn()|  sync()                      |
    the device         |======== the kernel ==========|
    the clock      t0  t1                             t2

t1 - t0 is the time of the launch, some microseconds, whatever the kernel does. Two more traps: the very first call
compiles, and takes thousands of times longer than the second; and now and then a round is disturbed by something else
that runs on the machine. One such round moves the mean of all of them, but hardly the median.

Write      measure(fn, sync, now, rounds): the time of one call of fn, in milliseconds
             fn()      starts the work          sync()   waits until all work that was started is done
             now()     reads the clock, in seconds; it starts anywhere, and takes no time itself
           First a warm-up that does not count: one call of fn, at most 10. Then `rounds` rounds of one call each,
           timed from before the call until its work is done, and started when nothing else is running.
           Return their median; for an even number of rounds, the mean of the two times in the middle.
Goal       every case passes: the device there is scripted, and its clock only moves when fn or sync is called
Size       roughly 9 lines
Grade      pytest exercises/03_honest_timer.py

`python exercises/03_honest_timer.py` then times a compiled loop with your function. How many times longer does its
first call take than your median, and where did the time go?
"""

import statistics
import time


def measure(fn, sync, now, rounds):
    """Median time of one call of fn, in milliseconds."""
    # gap: roughly 9 lines
    fn()  # compiles
    sync()  # or the first round would wait for the warm-up's work
    times = []
    for _ in range(rounds):
        start = now()
        fn()
        sync()  # before the clock is read: fn() has only started the work
        times.append(now() - start)
    return 1000 * statistics.median(times)
    # end of gap


if __name__ == "__main__":
    import numba
    import numpy as np

    @numba.njit
    def total(values):
        """Sum of the values, one after the other."""
        result = 0.0
        for value in values:
            result += value
        return result

    numbers = np.ones(1_000_000)
    start = time.perf_counter()
    total(numbers)
    first = 1000 * (time.perf_counter() - start)
    # A CPU is synchronous: when total(...) returns, its work is done, and there is nothing to wait for.
    usual = measure(lambda: total(numbers), lambda: None, time.perf_counter, 25)
    print(f"first call {first:.1f} ms; median of 25 rounds {usual:.3f} ms")
