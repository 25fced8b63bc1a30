"""A is read once per row of tiles and B once per column.

Caught by: a_per_column_of_tiles
Diagnosis: once for each column of tiles
"""

from math import ceil


def tile_intensity(bm, bn, bk, itemsize):
    return 2 * bm * bn * bk / ((bm * bk + bk * bn) * itemsize)


def traffic(m, n, k, bm, bn, itemsize):
    return (m * k * ceil(m / bm) + k * n * ceil(n / bn) + m * n) * itemsize


def best_intensity(accumulator_bytes, itemsize):
    sides = [2**power for power in range(4, 13)]
    fitting = [(bm, bn) for bm in sides for bn in sides if 4 * bm * bn <= accumulator_bytes]
    return max(tile_intensity(bm, bn, 16, itemsize) for bm, bn in fitting)
