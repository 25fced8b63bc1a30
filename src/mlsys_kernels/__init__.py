"""mlsys-kernels: a gym for matrix-multiplication kernels.

`from mlsys_kernels import matmul` gives the library's own product. Importing the package loads nothing else: NumPy,
numba, torch and Triton come in when a name that needs them is first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsys_kernels.ops import matmul

__version__ = "0.1.0"
__all__ = ["__version__", "matmul"]


def __getattr__(name: str) -> Any:
    if name == "matmul":
        from mlsys_kernels.ops import matmul

        return matmul
    raise AttributeError(f"module 'mlsys_kernels' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
