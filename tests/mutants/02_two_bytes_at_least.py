"""Every type that is not float32 or float64 is taken to have 2 bytes.

Caught by: int8_halves_the_bytes
Diagnosis: half the bits
"""

BITS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8, "int32": 32, "int8": 8, "int4": 4}


def flops(m, n, k):
    return 2 * m * n * k


def compulsory_bytes(m, n, k, dtype, out, beta):
    size = {"float64": 8, "float32": 4, "int32": 4}
    inputs = (m * k + k * n) * size.get(dtype, 2)
    return inputs + m * n * size.get(out, 2) * (1 if beta == 0 else 2)


def intensity(m, n, k, dtype, out, beta):
    return flops(m, n, k) / compulsory_bytes(m, n, k, dtype, out, beta)
