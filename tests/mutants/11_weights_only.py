"""The activations are left out: the ridge passes for the break-even M.

Caught by: activations_counted
Diagnosis: solve for M
"""


def dense_peak(tflops, with_sparsity):
    return tflops * 1e12 / (2 if with_sparsity else 1)


def ridge(peak, bandwidth):
    return peak / bandwidth


def least_time(flops, moved, peak, bandwidth):
    return max(flops / peak, moved / bandwidth)


def bound(flops, moved, peak, bandwidth):
    return "compute" if flops / peak > moved / bandwidth else "memory"


def break_even_m(n, k, activation_itemsize, weight_itemsize, peak, bandwidth):
    return weight_itemsize * peak / bandwidth / 2
