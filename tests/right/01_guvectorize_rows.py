"""A generalized ufunc computes one row, and NumPy's broadcasting is the loop over rows, in parallel.

Passes: 01
"""

from numba import float32, float64, guvectorize

SIGNATURES = [(t[:], t[:, :], t[:]) for t in (float32, float64)]


@guvectorize(SIGNATURES, "(k),(k,n)->(n)", nopython=True, target="parallel")
def row_times_matrix(row, b, out):
    """Fill out with a row times b."""
    for j in range(out.shape[0]):
        out[j] = 0
    for p in range(row.shape[0]):
        for j in range(out.shape[0]):
            out[j] += row[p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    return row_times_matrix(a, b)
