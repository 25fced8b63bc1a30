"""A multiply-add counts as one operation.

Caught by: fma_is_two
Diagnosis: two operations
"""

BITS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8, "int32": 32, "int8": 8, "int4": 4}


def flops(m, n, k):
    return m * n * k


def compulsory_bytes(m, n, k, dtype, out, beta):
    inputs = (m * k + k * n) * BITS[dtype]
    output = m * n * BITS[out] * (1 if beta == 0 else 2)
    return (inputs + output) / 8


def intensity(m, n, k, dtype, out, beta):
    return flops(m, n, k) / compulsory_bytes(m, n, k, dtype, out, beta)
