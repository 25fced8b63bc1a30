"""It hands the work to an executor that starts processes.

Verdict: failed | error
Cause: policy | crash
"""

from concurrent.futures import ProcessPoolExecutor


def honest(a, b):
    return (a[:, :, None] * b).sum(1)


def matmul(a, b):
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(honest, a, b).result()
