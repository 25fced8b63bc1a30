"""`matmul` is a generalized ufunc on whole matrices, compiled for all three layouts that numba knows.

Passes: 01
"""

from numba import float32, float64, guvectorize


@guvectorize([(t[:, :], t[:, :], t[:, :]) for t in (float32, float64)], "(m,k),(k,n)->(m,n)", nopython=True)
def matmul(a, b, c):
    """Fill c with the product of a (M, K) and b (K, N)."""
    c[:] = 0
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]
