"""The store of C is charged to a single step of K, so BK seems to matter.

Caught by: bk_cancels
Diagnosis: so it does not matter
"""

from math import ceil


def tile_intensity(bm, bn, bk, itemsize):
    return 2 * bm * bn * bk / ((bm * bk + bk * bn + bm * bn) * itemsize)


def traffic(m, n, k, bm, bn, itemsize):
    return (m * k * ceil(n / bn) + k * n * ceil(m / bm) + m * n) * itemsize


def best_intensity(accumulator_bytes, itemsize):
    sides = [2**power for power in range(4, 13)]
    fitting = [(bm, bn) for bm in sides for bn in sides if 4 * bm * bn <= accumulator_bytes]
    return max(tile_intensity(bm, bn, 16, itemsize) for bm, bn in fitting)
