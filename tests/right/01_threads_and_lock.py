"""threading.Thread objects take rows from a shared counter under a lock; the last one is joined before the return.

Passes: 01
"""

import threading

import numpy as np


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    lock, rows = threading.Lock(), iter(range(len(a)))

    def work():
        while True:
            with lock:
                i = next(rows, None)
            if i is None:
                return
            if a.shape[1]:
                c[i] = (a[i][:, None] * b).sum(axis=0, dtype=a.dtype)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return c
