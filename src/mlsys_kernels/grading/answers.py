"""What may come back from a worker, as the judge keeps it: arrays as bytes that it owns, all else as plain data."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

ARRAY_TYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
               "float16", "float32", "float64", "bfloat16")  # fmt: skip
"""Element types that an answer is recognized by; any other is told by its name."""

LIBRARIES = ("numpy", "torch")


@dataclass(frozen=True)
class Returned:
    """An array that came back: `data` has shape `shape`, in its storage type (uint16 for bfloat16).

    `data` is empty where library, type or shape are not the expected ones: then nobody looks at the values.
    """

    library: str
    dtype: str
    shape: tuple[int, ...]
    data: NDArray[Any]


@dataclass(frozen=True)
class Foreign:
    """A value of a type that no exercise asks for: what it is called, for the message."""

    type_name: str
    module: str


def storage(dtype: str) -> str:
    """The NumPy type that holds `dtype`."""
    return "uint16" if dtype == "bfloat16" else dtype
