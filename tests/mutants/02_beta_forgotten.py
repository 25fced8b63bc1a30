"""The old C, which beta * C has to read, is left out.

Caught by: beta_reads_c
Diagnosis: must read the old C
"""

BITS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8, "int32": 32, "int8": 8, "int4": 4}


def flops(m, n, k):
    return 2 * m * n * k


def compulsory_bytes(m, n, k, dtype, out, beta):
    inputs = (m * k + k * n) * BITS[dtype]
    return (inputs + m * n * BITS[out]) / 8


def intensity(m, n, k, dtype, out, beta):
    return flops(m, n, k) / compulsory_bytes(m, n, k, dtype, out, beta)
