"""Only square tiles are tried.

Caught by: accumulator_is_float32
Diagnosis: every pair
"""

from math import ceil


def tile_intensity(bm, bn, bk, itemsize):
    return 2 * bm * bn * bk / ((bm * bk + bk * bn) * itemsize)


def traffic(m, n, k, bm, bn, itemsize):
    return (m * k * ceil(n / bn) + k * n * ceil(m / bm) + m * n) * itemsize


def best_intensity(accumulator_bytes, itemsize):
    sides = [2**power for power in range(4, 13) if 4 * 4**power <= accumulator_bytes]
    return tile_intensity(sides[-1], sides[-1], 16, itemsize)
