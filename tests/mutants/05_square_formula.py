"""The formula of a square tile for every tile.

Caught by: sides_not_area
Diagnosis: sum of its two sides
"""

from math import ceil


def tile_intensity(bm, bn, bk, itemsize):
    return bm / itemsize


def traffic(m, n, k, bm, bn, itemsize):
    return (m * k * ceil(n / bn) + k * n * ceil(m / bm) + m * n) * itemsize


def best_intensity(accumulator_bytes, itemsize):
    sides = [2**power for power in range(4, 13)]
    fitting = [(bm, bn) for bm in sides for bn in sides if 4 * bm * bn <= accumulator_bytes]
    return max(tile_intensity(bm, bn, 16, itemsize) for bm, bn in fitting)
