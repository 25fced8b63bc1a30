"""It calls SciPy's sgemm.

Verdict: failed
Cause: policy
"""

from scipy.linalg import blas


def matmul(a, b):
    return (blas.sgemm if a.itemsize == 4 else blas.dgemm)(1.0, a, b)
