"""07 vectorized: give the compiler what it must know.

A vector instruction does 8 multiplications and additions of float32 at once (AVX2). The compiler uses it only where
the result cannot change. Two things in these loops forbid it:

  An index that may be negative. For Python, c[i, -1] is the last column. The compiler cannot rule that out for j from
  range(j0, min(j0 + TILE, n)), so 06 tests every index. An index of range(n) starts at 0: no test.

  The order of a sum. With p innermost, C[i, j] stays in a register and nothing is stored. But 8 lanes are 8 sums,
  added up at the end, and floating-point numbers round differently in another order:

      one sum    ((((a0 b0 + a1 b1) + a2 b2) + a3 b3) + ...        lanes    (a0 b0 + a8 b8 + ...) + (a1 b1 + ...) + ...

  Only you can say that both are good. @njit(fastmath={...}) takes permissions one by one: "reassoc" allows another
  order, "contract" a multiplication and an addition in one instruction, rounded once. fastmath=True also grants
  "nnan" and "ninf", the promise that no NaN or infinity ever occurs, whatever the data say (LLVM Language Reference,
  Fast-Math Flags, https://llvm.org/docs/LangRef.html#fast-math-flags). Here they do occur.

For p innermost, B must lie column by column, so matmul hands over its transpose. TILE rows of b_t stay in the cache
while all rows of A pass by.

Write      multiply(a, b_t, c): for each tile of TILE columns of C, for each row i, for each column j: one sum over p
           a is (M, K), b_t is (N, K), both row-major; c is (M, N), full of zeros; float32 or float64; any size, 0 too
Goal       every case passes, for any TILE; p starts at 0; no `@`, no np.dot
Counted    cache lines as in 06; and at least 75 % of the FLOPs of compiled code are on vectors
Size       roughly 9 lines
Grade      pytest exercises/07_vectorized.py
Measure    mlk bench 07        (fill in PREDICTED_SPEEDUP first)

From which n on is it faster than 04 too (mlk bench 04 07), and how much of that is left when you take "reassoc" out of
the decorator?
"""

import numpy as np
from numba import njit

# How many times faster than 06_tiled will yours be, at n = 1024? Write a number before you measure.
PREDICTED_SPEEDUP = None

TILE = 32


@njit(fastmath={"reassoc", "contract"})
def multiply(a, b_t, c):
    """Fill c (M, N) with the product of a (M, K) and b, given as its transpose b_t (N, K)."""
    # gap: roughly 9 lines
    raise NotImplementedError("07_vectorized: write the loops, with the sum over p innermost")
    # end of gap


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    # Nothing is copied that lies in this order already.
    multiply(np.ascontiguousarray(a), np.ascontiguousarray(b.T), c)
    return c
