"""A negative M where no M is enough.

Caught by: small_layer_never
Diagnosis: no M is large enough
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
    gain = 2 * n * k / peak - activation_itemsize * (k + n) / bandwidth
    return weight_itemsize * k * n / bandwidth / gain
