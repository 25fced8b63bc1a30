"""The ridge in byte per FLOP.

Caught by: ridge_upside_down
Diagnosis: FLOP per byte
"""

import math


def dense_peak(tflops, with_sparsity):
    return tflops * 1e12 / (2 if with_sparsity else 1)


def ridge(peak, bandwidth):
    return bandwidth / peak


def least_time(flops, moved, peak, bandwidth):
    return max(flops / peak, moved / bandwidth)


def bound(flops, moved, peak, bandwidth):
    return "compute" if flops / peak > moved / bandwidth else "memory"


def break_even_m(n, k, activation_itemsize, weight_itemsize, peak, bandwidth):
    gain = 2 * n * k / peak - activation_itemsize * (k + n) / bandwidth
    return weight_itemsize * k * n / bandwidth / gain if gain > 0 else math.inf
