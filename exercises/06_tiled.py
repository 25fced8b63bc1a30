"""06 tiled: use what is in the cache before it leaves.

In 04 all of B is read again for every row of A. Once B is larger than a cache, n rows fetch it n times, as
n * n^2/16 = n^3/16 lines. Cut the three loops into tiles instead. A tile of B then serves TILE rows of A while it is
in the cache, and B is fetched n / TILE times: n^3/(16 TILE) lines.

                       j0
              B  . . . . . . . .        for each tile of C, each tile along K:
           p0    . . # # # . . .          for the rows i, the terms p, the columns j of the tiles:
                 . . # # # . . .              C[i, j] += A[i, p] * B[p, j]
                 . . # # # . . .
       p0                               TILE = 64: a tile of float32 is 16 KiB,
    A . . . .    C  . . . . . . . .     half of a common L1 cache of 32 KiB
 i0   # # # .       . . # # # . . .
      # # # .       . . # # # . . .     The last tiles are cut off where the matrix ends:
      # # # .       . . # # # . . .     min(j0 + TILE, n).

Write      multiply(a, b, c): 04's three loops inside three loops over tiles
           a is (M, K), b is (K, N), c is (M, N) and full of zeros; float32 or float64; any size, 0 too; any strides
Goal       every case passes, for any TILE: smaller than the matrix, larger, 1; no `@`, no np.dot
Counted    cache lines moved (64 x 48 x 32, 64 lines of 64 B, TILE = 16): at most 3,104; 04 moves 6,464
Size       roughly 10 lines
Grade      pytest exercises/06_tiled.py
Measure    mlk bench 06        (fill in PREDICTED_SPEEDUP first; a number below 1 says slower)

On the machine where this was written, the obvious loops are several times *slower* than 04 up to n = 1024, although
they fetch far fewer lines. Yours too? What can the compiler know of j when the loop is range(n), and not when it is
range(j0, min(j0 + TILE, n))?
"""

import numpy as np
from numba import njit

# How many times faster than 04_loop_order will yours be, at n = 1024? Write a number before you measure.
PREDICTED_SPEEDUP = None

TILE = 64


@njit
def multiply(a, b, c):
    """Fill c (M, N) with the product of a (M, K) and b (K, N)."""
    # gap: roughly 10 lines
    raise NotImplementedError("06_tiled: write the loops over tiles, and the loops inside a tile")
    # end of gap


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
