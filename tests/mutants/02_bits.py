"""The traffic in bits.

Caught by: bits_are_not_bytes
Diagnosis: one byte is 8 bits
"""

BITS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8, "int32": 32, "int8": 8, "int4": 4}


def flops(m, n, k):
    return 2 * m * n * k


def compulsory_bytes(m, n, k, dtype, out, beta):
    inputs = (m * k + k * n) * BITS[dtype]
    return inputs + m * n * BITS[out] * (1 if beta == 0 else 2)


def intensity(m, n, k, dtype, out, beta):
    return flops(m, n, k) / compulsory_bytes(m, n, k, dtype, out, beta)
