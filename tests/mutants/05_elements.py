"""FLOP per element in place of FLOP per byte.

Caught by: bytes_per_element
Diagnosis: inversely proportional
"""

from math import ceil


def tile_intensity(bm, bn, bk, itemsize):
    return 2 * bm * bn / (bm + bn)


def traffic(m, n, k, bm, bn, itemsize):
    return (m * k * ceil(n / bn) + k * n * ceil(m / bm) + m * n) * itemsize


def best_intensity(accumulator_bytes, itemsize):
    sides = [2**power for power in range(4, 13)]
    fitting = [(bm, bn) for bm in sides for bn in sides if 4 * bm * bn <= accumulator_bytes]
    return max(tile_intensity(bm, bn, 16, itemsize) for bm, bn in fitting)
