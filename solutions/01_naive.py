"""01 naive: the definition, as three loops.

Row i of A times column j of B is one element of C:

                     B  (K x N)
                     . . | . .
                     . . | . .        C[i, j] = A[i, 0] * B[0, j]
                     . . | . .                + A[i, 1] * B[1, j]
                         v                    + ...
    A  (M x K)       C  (M x N)               + A[i, K-1] * B[K-1, j]
    . . . .          . . . . .
    -------->  row i . . # . .
    . . . .          . . . . .

Numba's @njit compiles the loops to machine code when `multiply` is first called with given types. In plain Python the
interpreter decodes an instruction, checks types and creates a new object for every single operation.

Write      multiply(a, b, c): fill c, which arrives full of zeros, with the product
           a is (M, K), b is (K, N), c is (M, N); float32 or float64; M, N or K may be 0; any strides
Goal       every case passes; no `@`, no np.dot: the loops are yours
Size       roughly 6 lines
Grade      pytest exercises/01_naive.py
Measure    mlk bench 01        (fill in PREDICTED_SPEEDUP first)

Compiled loops leave the interpreter behind. How far behind NumPy are they still, at n = 512?
"""

import numpy as np
from numba import njit

# How many times faster than the same loops in plain Python will yours be? Write a number before you measure.
PREDICTED_SPEEDUP = None


@njit
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    # gap: roughly 6 lines
    m, k = a.shape
    n = b.shape[1]
    for i in range(m):
        for j in range(n):
            # The sum stays in a local: written to c[i, j] each time, it would go through memory K times.
            total = c[i, j]
            for p in range(k):
                total += a[i, p] * b[p, j]
            c[i, j] = total
    # end of gap


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
