"""The contestants that are not files: NumPy, torch, and the three loops in plain Python.

Each takes the operands once, outside of the timing, and gives back a call without arguments which computes the product
into a new array, as the exercises do.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Prepare = Callable[[Float32, Float32], Callable[[], Any]]


def numpy_matmul(a: Float32, b: Float32) -> Callable[[], Any]:
    """np.matmul, which calls the BLAS that NumPy was built with."""
    return lambda: np.matmul(a, b)


def torch_matmul(a: Float32, b: Float32) -> Callable[[], Any]:
    """torch.matmul on CPU tensors that share the operands' memory."""
    import torch

    x, y = torch.from_numpy(a), torch.from_numpy(b)
    return lambda: torch.matmul(x, y)


def python_loops(a: Float32, b: Float32) -> Callable[[], Any]:
    """The definition in plain Python, on lists of floats: indexing NumPy arrays one by one would be slower still."""
    rows, columns = a.tolist(), range(b.shape[1])
    other, terms = b.tolist(), range(a.shape[1])

    def loops() -> list[list[float]]:
        c = []
        for row in rows:
            line = []
            for j in columns:
                total = 0.0
                for p in terms:
                    total += row[p] * other[p][j]
                line.append(total)
            c.append(line)
        return c

    return loops


BASELINES: dict[str, Prepare] = {"numpy": numpy_matmul, "torch": torch_matmul, "python": python_loops}
