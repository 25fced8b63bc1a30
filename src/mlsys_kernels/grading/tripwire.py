"""Find out that a library computed the product, by whatever road it was called: BLAS in NumPy, products in torch.

`arm` writes a breakpoint over the first byte of every BLAS product that is loaded, in this process only (x86-64,
Linux). A call of one ends the process with SIGTRAP, which the judge reads as a policy failure. `TorchTrap` refuses
torch's products as they are dispatched. Neither sees copies of a library that a file brings along; the syntax check
(`rules.py`) and the closed file system are there for those.
"""

import ctypes
import functools
import mmap
import platform
import sys
from pathlib import Path
from typing import Any

from mlsys_kernels.grading.rules import PRODUCTS

_BREAKPOINT = b"\xcc"
_LIBRARIES = ("openblas", "libblas", "libcblas", "mkl_rt", "libblis", "flexiblas")
_PRODUCTS = ("gemm", "gemv", "ger", "geru", "symm", "symv", "syrk", "trmm", "trmv", "trsm", "dot", "dotu_sub", "axpy")
_FORMS = ("cblas_{}{}", "scipy_cblas_{}{}64_", "cblas_{}{}64_", "cblas_{}{}_64", "{}{}_", "scipy_{}{}_64_", "{}{}_64_")

TORCH_PRODUCTS = frozenset((
    "mm", "bmm", "addmm", "addmv", "addr", "addbmm", "baddbmm", "mv", "dot", "vdot", "inner", "matmul", "linear",
    "convolution", "conv_transpose2d", "_convolution", "mkldnn_convolution", "_trilinear", "einsum", "outer", "ger",
    "_scaled_dot_product_attention_math", "_scaled_dot_product_flash_attention_for_cpu", "addbmm_", "addmm_",
    "_cdist_forward",
    "_addmm_activation", "_int_mm", "linalg_matmul", "linalg_multi_dot", "chain_matmul", "tensordot", "kron",
))  # fmt: skip


def arm() -> int:
    """Put breakpoints on the BLAS products that are loaded; returns how many."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    armed = 0
    for address in sorted(_addresses()):
        page = address & -mmap.PAGESIZE
        everything = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        if libc.mprotect(page, mmap.PAGESIZE, everything) == 0:
            ctypes.memmove(address, _BREAKPOINT, len(_BREAKPOINT))
            libc.mprotect(page, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC)
            armed += 1
    return armed


def _addresses() -> set[int]:
    lines = [line.split(maxsplit=5) for line in Path("/proc/self/maps").read_text().splitlines()]
    loaded = {fields[5] for fields in lines if len(fields) == 6}  # a path may hold spaces
    found = set()
    for path in loaded:
        if any(name in Path(path).name for name in _LIBRARIES):
            library = ctypes.CDLL(path)
            for kind in "sdcz":
                for product in _PRODUCTS:
                    for form in _FORMS:
                        function = getattr(library, form.format(kind, product), None)
                        if function is not None:
                            found.add(ctypes.cast(function, ctypes.c_void_p).value or 0)
    return found - {0}


def guard_names(path: str, refuse: Any, *modules: Any) -> None:
    """Make the products of these modules (NumPy; torch and its parts) refuse calls from the submission at `path`.

    The functions go on working for everybody else: Triton's interpreter multiplies its tiles with np.matmul.
    """
    for module in modules:
        for name in PRODUCTS & set(dir(module)):
            plain = getattr(module, name)
            if callable(plain) and not isinstance(plain, type):
                setattr(module, name, _guarded(plain, name, path, refuse))


def _guarded(plain: Any, name: str, path: str, refuse: Any) -> Any:
    @functools.wraps(plain)
    def product(*args: Any, **named: Any) -> Any:
        if sys._getframe(1).f_code.co_filename == path:
            refuse(f"calls a library's product ({name})", sys._getframe(1).f_lineno)
        return plain(*args, **named)

    return product


def torch_trap(refuse: Any) -> Any:
    """A context in which `refuse(sentence)` is called for every product that torch computes on its own."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class TorchTrap(TorchDispatchMode):  # type: ignore[misc, no-untyped-call, unused-ignore]  # torch leaves this untyped
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = func.overloadpacket.__name__
            if name in TORCH_PRODUCTS:
                refuse(f"lets torch compute a product ({name})")
            return func(*args, **(kwargs or {}))

    return TorchTrap()  # type: ignore[no-untyped-call, unused-ignore]
