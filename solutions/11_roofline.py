"""11 roofline: is it the arithmetic or the memory that decides how long a product takes?

A chip does at most `peak` FLOP/s and its memory delivers at most `bandwidth` byte/s. Both work at the same time. So
work of F operations and Q bytes takes at least F / peak and at least Q / bandwidth: the longer time is the limit.

    FLOP/s  |            ___________________  peak
            |          /:
            |        /  :      right of the ridge: bound by compute
            |      /    :      left of it: bound by memory
            |____/______:___________________  FLOP per byte of the work
                      ridge

Write      dense_peak, ridge, least_time, bound, break_even_m: what each answers stands in its first line.
           Where a data sheet says "with sparsity", every second multiplication is skipped, but counted; a dense
           product skips none. Activations are A (M, K) and C (M, N), weights are B (K, N), each moved once
Goal       every case passes: seven accelerators, and a machine like yours
Size       roughly 9 lines
Grade      pytest exercises/11_roofline.py

Check yourself: a TPU v5e (1.97e14 FLOP/s, 8.2e11 byte/s) has its ridge at 240, and with enough weights that is also
its break-even M (Austin et al., "How to Scale Your Model", part 1, https://jax-ml.github.io/scaling-book/roofline/).

`python exercises/11_roofline.py` measures your own machine. A square float32 product does n / 6 FLOP per byte: from
which n on is it bound by compute on yours?
"""

import math
import time

import numpy as np


def dense_peak(tflops, with_sparsity):
    """FLOP/s that a dense product can reach, from the TFLOP/s that a data sheet prints."""
    # gap: roughly 1 line
    return tflops * 1e12 / (2 if with_sparsity else 1)
    # end of gap


def ridge(peak, bandwidth):
    """FLOP per byte at which the two lines meet."""
    # gap: roughly 1 line
    return peak / bandwidth
    # end of gap


def least_time(flops, moved, peak, bandwidth):
    """Seconds that `flops` operations and `moved` bytes take at the least."""
    # gap: roughly 1 line
    return max(flops / peak, moved / bandwidth)  # they overlap: the shorter one hides behind the longer one
    # end of gap


def bound(flops, moved, peak, bandwidth):
    """What decides that time: "compute" or "memory"."""
    # gap: roughly 1 line
    return "compute" if flops / moved > ridge(peak, bandwidth) else "memory"
    # end of gap


def break_even_m(n, k, activation_itemsize, weight_itemsize, peak, bandwidth):
    """The M, not rounded, from which on a product is bound by compute; math.inf where no M is enough."""
    # gap: roughly 5 lines
    # Seconds of arithmetic that one more row costs, less the seconds in which its activations are moved.
    gain = 2 * n * k / peak - activation_itemsize * (k + n) / bandwidth
    if gain <= 0:
        return math.inf  # every row makes it worse
    return weight_itemsize * k * n / bandwidth / gain
    # end of gap


def best_of_five(work):
    """Seconds of the fastest of five calls: a peak is what the machine can do, not what it usually does."""
    times = []
    for _ in range(6):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times[1:])


if __name__ == "__main__":
    a, b = np.random.default_rng(0).standard_normal((2, 2048, 2048), dtype=np.float32)
    peak = 2 * 2048**3 / best_of_five(lambda: np.matmul(a, b))
    source, target = np.ones(2**25), np.empty(2**25)  # 256 MB each: far more than a cache holds
    bandwidth = 2 * source.nbytes / best_of_five(lambda: np.copyto(target, source))
    print(f"float32 {peak / 1e9:.0f} GFLOP/s, memory {bandwidth / 1e9:.1f} GB/s: ridge {ridge(peak, bandwidth):.1f}")
