"""C is counted with the size of the operands.

Caught by: output_of_another_type
Diagnosis: C has its own type
"""

BITS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8": 8, "int32": 32, "int8": 8, "int4": 4}


def flops(m, n, k):
    return 2 * m * n * k


def compulsory_bytes(m, n, k, dtype, out, beta):
    elements = m * k + k * n + m * n * (1 if beta == 0 else 2)
    return elements * BITS[dtype] / 8


def intensity(m, n, k, dtype, out, beta):
    return flops(m, n, k) / compulsory_bytes(m, n, k, dtype, out, beta)
