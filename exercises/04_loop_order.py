"""04 loop order: the same three loops, another one innermost.

Memory moves between RAM and the caches in lines of 64 bytes: 16 float32 that lie next to each other in one row.

    B in memory          one line = 16 float32          01 takes p innermost: it walks down column j of B,
      row p       [ . . . . # . . . . . ][ . . . . .    takes one number (#) out of each line, and comes
      row p + 1   [ . . . . # . . . . . ][ . . . . .    back for the next column when the lines are gone.
      row p + 2   [ . . . . # . . . . . ][ . . . . .

The sum C[i, j] += A[i, p] * B[p, j] may be taken in any order of i, j and p. What one step of the innermost loop does
to the three addresses decides how much of each line is used, and whether 8 or 16 steps fit in one vector instruction:

    innermost    A[i, p]         B[p, j]        C[i, j]
    p            next element    next row       stays
    j            ?               ?              ?
    i            ?               ?              ?

Fill in the table, and choose.

Write      multiply(a, b, c): fill c, which arrives full of zeros, with the product
           a is (M, K), b is (K, N), c is (M, N); float32 or float64; M, N or K may be 0; any strides
Goal       every case passes; no `@`, no np.dot; the innermost loop steps to the next element or stays, never further
Counted    cache lines moved (48 x 48 x 48, 32 lines of 64 B): at most 13,824; 01 moves 119,952
Size       roughly 7 lines
Grade      pytest exercises/04_loop_order.py
Measure    mlk bench 04        (fill in PREDICTED_SPEEDUP first)

The multiplications are the same as in 01. Is the ratio to 01 nearer to 16, the float32 in a line, or to 1, at n = 128
and at n = 1024?
"""

import numpy as np
from numba import njit

# How many times faster than 01_naive will yours be, at n = 1024? Write a number before you measure.
PREDICTED_SPEEDUP = None


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    # gap: roughly 7 lines
    raise NotImplementedError("04_loop_order: write the three loops, in another order")
    # end of gap


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
