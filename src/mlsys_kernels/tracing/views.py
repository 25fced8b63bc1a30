"""Where the elements of a tensor lie: which addresses are its own, and what to call the one at an address."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class View:
    """A tensor as a kernel gets it: an address, and the steps from one element to the next, which are not negative.

    Attributes:
        name: the kernel's parameter.
        base: address of the element whose indices are all 0.
        item: bytes of an element.
        shape: number of elements along each axis.
        strides: elements of memory from one index to the next along each axis.
        storage: address of the memory that this tensor is a view of.
    """

    name: str
    base: int
    item: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    storage: int

    @cached_property
    def span(self) -> int:
        """Elements of memory from the first element to the last, both counted."""
        if 0 in self.shape:
            return 0
        return sum((size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True)) + 1

    @cached_property
    def end(self) -> int:
        """Address of the first byte after the last element."""
        return self.base + self.span * self.item

    @cached_property
    def _steps(self) -> tuple[tuple[int, int, int], ...]:
        """Axis, size and stride of every axis that moves in memory, the longest stride first."""
        axes = [
            (axis, size, stride)
            for axis, (size, stride) in enumerate(zip(self.shape, self.strides, strict=True))
            if size > 1 and stride > 0
        ]
        return tuple(sorted(axes, key=lambda step: -step[2]))

    @cached_property
    def _nested(self) -> bool:
        """True if no index along a shorter stride reaches the next index along a longer one."""
        reach = 0
        for _, size, stride in reversed(self._steps):
            if stride <= reach:
                return False
            reach += (size - 1) * stride
        return True

    @cached_property
    def has_gaps(self) -> bool:
        """True if memory between the first and the last element belongs to none; where rows overlap, none is known."""
        elements = 1
        for _, size, _ in self._steps:
            elements *= size
        return self._nested and 0 < elements < self.span

    def holds(self, addresses: NDArray[np.int64], item: int) -> NDArray[np.bool_]:
        """For each address, whether `item` bytes from there on are an element of this view."""
        inside = (addresses >= self.base) & (addresses <= self.end - item)
        if self.has_gaps:
            rest = (addresses - self.base) // self.item
            for _, size, stride in self._steps:
                at = rest // stride
                rest = rest - at * stride
                inside &= at < size
            inside &= rest == 0
        return inside

    def holds_all(self, addresses: NDArray[np.int64], item: int) -> bool:
        """Whether `holds` is true everywhere, found faster; `addresses` is not empty."""
        if addresses.min() < self.base or addresses.max() > self.end - item:
            return False
        return not self.has_gaps or bool(self.holds(addresses, item).all())

    def element(self, address: int) -> str:
        """The element at an address that `holds`: "b[33, 5]"."""
        return self.last_before(address)[0]

    def last_before(self, address: int) -> tuple[str, int]:
        """The last element at or before an address inside the span, and how many elements of memory later it is."""
        rest = (address - self.base) // self.item
        if not self._nested:
            return f"element {rest} of {self.name}", 0
        index = [0] * len(self.shape)
        for axis, size, stride in self._steps:
            index[axis] = min(rest // stride, size - 1)
            rest -= index[axis] * stride
        return f"{self.name}[{', '.join(map(str, index))}]" if index else self.name, rest

    @property
    def shortest_stride(self) -> int:
        """Elements of memory from one element to the nearest other one."""
        return self._steps[-1][2] if self._steps else 1


def view_of(name: str, tensor: Any) -> View | None:
    """The view that a torch tensor is, or that Triton has wrapped to show it as another type; None if it has none."""
    inner = tensor if hasattr(tensor, "untyped_storage") else getattr(tensor, "base", None)
    if inner is None or not (hasattr(tensor, "data_ptr") and hasattr(inner, "untyped_storage")):
        return None
    shape, strides = tuple(map(int, inner.shape)), tuple(map(int, inner.stride()))
    storage = inner.untyped_storage().data_ptr()
    return View(name, int(tensor.data_ptr()), int(inner.element_size()), shape, strides, int(storage))
