"""Pictures of a tensor as small grids: how often each cell is read, and which program wrote it.

A tensor of one or two axes becomes at most 64 x 64 cells, each of a block of neighbouring elements. A cell shows the
most that one of its elements was read; and the lowest number of a program that was last to write one of its elements,
or None if one of them was never written, so that a hole shows.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing.views import View

LARGEST = 64
"""Cells along an axis."""


def most_reads(view: View, reads: NDArray[np.int32]) -> list[list[int]] | None:
    """How often each cell was read; None for a tensor of no elements, or of more than two axes."""
    return _grid(view, reads, np.maximum)


def lowest_writers(view: View, writer: NDArray[np.int32]) -> list[list[int | None]] | None:
    """Which program wrote each cell; None for a tensor of no elements, or of more than two axes."""
    grid = _grid(view, writer, np.minimum)
    return None if grid is None else [[None if number < 0 else number for number in row] for row in grid]


def _grid(view: View, marks: NDArray[np.int32], of_cell: Any) -> list[list[int]] | None:
    """`marks` has one entry for each element of memory from the view's first to its last."""
    if view.span == 0 or not 1 <= len(view.shape) <= 2:
        return None
    rows, columns = (1, *view.shape)[-2:]
    row_stride, column_stride = (0, *view.strides)[-2:]
    values = marks[np.arange(rows)[:, None] * row_stride + np.arange(columns) * column_stride]
    for axis in (0, 1):
        step = -(-values.shape[axis] // LARGEST)
        values = of_cell.reduceat(values, np.arange(0, values.shape[axis], step), axis=axis)
    grid: list[list[int]] = values.tolist()
    return grid
