"""The formulas of a square matrix, with n for every axis.

Caught by: every_axis_once
Diagnosis: each of the three sizes
"""

BITS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8, "int32": 32, "int8": 8, "int4": 4}


def flops(m, n, k):
    return 2 * n**3


def compulsory_bytes(m, n, k, dtype, out, beta):
    inputs = (m * k + k * n) * BITS[dtype]
    output = m * n * BITS[out] * (1 if beta == 0 else 2)
    return (inputs + output) / 8


def intensity(m, n, k, dtype, out, beta):
    return flops(m, n, k) / compulsory_bytes(m, n, k, dtype, out, beta)
