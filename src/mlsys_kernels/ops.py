"""The library's own matrix product: `matmul(a, b, out=None)` for NumPy arrays and torch tensors.

CUDA tensors go to Triton (`kernels/gpu_gemm.py`), everything else to numba (`kernels/cpu_gemm.py`). Everything is
checked here, before a kernel is loaded and before `out` is touched. torch is never imported for NumPy arrays: whoever
holds a tensor has imported it already. Not differentiable: tensors that require a gradient are refused.
"""

import sys
from math import gcd
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Array = TypeVar("Array", NDArray[Any], "torch.Tensor")

# bfloat16 is for tensors alone: NumPy does not have it.
NUMPY_DTYPES = ("float16", "float32", "float64")
TORCH_DTYPES = ("float16", "bfloat16", "float32", "float64")


def matmul(a: Array, b: Array, out: Array | None = None) -> Array:
    """Return the matrix product of a (M, K) and b (K, N), shape (M, N), in the operands' dtype.

    Args:
        a: a 2-D NumPy array or torch tensor, float16, bfloat16 (tensors only), float32 or float64; any strides.
        b: the same library, dtype and device as a.
        out: where to put the product: a writable (M, N) array like a and b, any strides. It may share memory with a
            or b. Without it the product is a new array in C order.

    Returns:
        `out` if it was given, else a new array. float16 and bfloat16 are summed in float32 and rounded once; float32
        and float64 are summed in their own precision (never in tf32). K = 0 gives zeros. NaN and infinity spread as
        the sum of products says.

    Raises:
        TypeError: not two arrays of one library, or a dtype that is not in the list, or two different dtypes.
        ValueError: not 2-D, inner dimensions that differ, different devices, tensors that require a gradient, or an
            `out` that does not fit or cannot be written.
        ImportError: CUDA tensors, and Triton is not installed.
    """
    operands = {"a": a, "b": b} if out is None else {"a": a, "b": b, "out": out}
    _check_libraries(operands)
    _check_dtypes(operands)
    _check_shapes(a, b)
    if _is_tensor(a):
        _check_tensors(operands)
    if out is not None:
        _check_out(out, (a.shape[0], b.shape[1]))
    return _on_tensors(a, b, out) if _is_tensor(a) else _on_arrays(a, b, out)  # type: ignore[arg-type,return-value]


def _on_arrays(a: NDArray[Any], b: NDArray[Any], out: NDArray[Any] | None) -> NDArray[Any]:
    from mlsys_kernels.kernels import cpu_gemm

    c = np.empty((a.shape[0], b.shape[1]), a.dtype) if out is None else out
    cpu_gemm.gemm(np.asarray(a), np.asarray(b), np.asarray(c))  # np.matrix and memory maps: as plain arrays
    return c


def _on_tensors(a: "torch.Tensor", b: "torch.Tensor", out: "torch.Tensor | None") -> "torch.Tensor":
    import torch

    c = torch.empty((a.shape[0], b.shape[1]), dtype=a.dtype, device=a.device) if out is None else out
    on_gpu = a.device.type == "cuda"
    widen = c.dtype == torch.bfloat16 and not on_gpu
    if widen or c.is_neg():
        # NumPy has no bfloat16, and no kernel knows torch's views that negate on reading. Rounded once, at the end.
        wide = torch.float32 if widen else c.dtype
        c.copy_(_on_tensors(a.to(wide), b.to(wide), None))
    elif on_gpu:
        _on_gpu(a.resolve_neg(), b.resolve_neg(), c)
    else:
        # .numpy() looks at the tensor's own memory: nothing is copied.
        _on_arrays(*(x.detach().resolve_neg().numpy() for x in (a, b, c)))
    if out is not None and not out.is_inference():
        # autograd did not see this write: a backward pass that needs the old values must fail, not be wrong.
        torch.autograd.graph.increment_version(out)
    return c


def _on_gpu(a: "torch.Tensor", b: "torch.Tensor", c: "torch.Tensor") -> None:
    try:
        from mlsys_kernels.kernels import gpu_gemm
    except ModuleNotFoundError as missing:
        raise ImportError(
            "matmul: CUDA tensors are multiplied by Triton, which is not installed. "
            "Install it with: pip install 'mlsys-kernels[triton]'"
        ) from missing
    gpu_gemm.gemm(a, b, c)


def _is_tensor(x: object) -> "TypeGuard[torch.Tensor]":
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, getattr(torch, "Tensor", ()))


def _show(x: Any) -> str:
    """An array as `float32[3, 4]`; anything else by the name of its type."""
    if isinstance(x, np.ndarray) or _is_tensor(x):
        return f"{_dtype(x)}{list(x.shape)}"
    return f"{type(x).__module__}.{type(x).__qualname__}".removeprefix("builtins.")


def _dtype(x: Any) -> str:
    return str(x.dtype).removeprefix("torch.")


def _check_libraries(operands: dict[str, Any]) -> None:
    for name, x in operands.items():
        if isinstance(x, np.ma.MaskedArray):
            raise TypeError(f"matmul: {name} is a masked array, and its mask would be lost: pass {name}.filled(0)")
        if not isinstance(x, np.ndarray) and not _is_tensor(x):
            dense = f"{name}.toarray()" if hasattr(x, "toarray") else f"np.asarray({name})"
            advice = "leave it away for a new array" if name == "out" else f"try {dense}"
            raise TypeError(f"matmul: {name} must be a 2-D NumPy array or torch tensor, and is a {_show(x)}: {advice}")
        if _is_tensor(x) != _is_tensor(operands["a"]):
            words = {True: "torch tensor", False: "NumPy array"}
            raise TypeError(
                f"matmul: a is a {words[_is_tensor(operands['a'])]} and {name} is a {words[_is_tensor(x)]}: use one "
                f"library for all; torch.from_numpy(x) and x.numpy() convert without a copy"
            )


def _check_dtypes(operands: dict[str, Any]) -> None:
    a = operands["a"]
    known = TORCH_DTYPES if _is_tensor(a) else NUMPY_DTYPES
    convert = ".to(torch.{})" if _is_tensor(a) else ".astype(np.{})"
    for name, x in operands.items():
        if name != "a" and x.dtype == a.dtype:
            continue
        if _dtype(x) not in known:
            raise TypeError(
                f"matmul: {name} is {_show(x)}; the dtypes are {', '.join(known)}. "
                f"If one of them holds your values: {name}{convert.format('float64')}"
            )
        if name != "a":
            raise TypeError(
                f"matmul: a is {_show(a)} and {name} is {_show(x)}: the dtypes must be the same. "
                f"Nothing is converted for you; write, for instance, {name}{convert.format(_dtype(a))}"
            )


def _check_shapes(a: Any, b: Any) -> None:
    for name, x in (("a", a), ("b", b)):
        if x.ndim != 2:
            advice = {
                0: "a number times a matrix is written with *",
                1: f"make it a row with {name}[None, :] or a column with {name}[:, None]",
            }.get(x.ndim, "call matmul once for each matrix of a batch")
            raise ValueError(f"matmul: {name} must be 2-D, and is {x.ndim}-D, {_show(x)}: {advice}")
    if a.shape[1] != b.shape[0]:
        advice = "is one of them the wrong matrix?"
        if a.shape[1] == b.shape[1]:
            advice = "with b.T they would fit"
        elif a.shape[0] == b.shape[0]:
            advice = "with a.T they would fit"
        raise ValueError(
            f"matmul: a is {_show(a)} and b is {_show(b)}: the columns of a ({a.shape[1]}) must be as many as "
            f"the rows of b ({b.shape[0]}); {advice}"
        )


def _check_tensors(operands: dict[str, Any]) -> None:
    import torch

    for name, x in operands.items():
        if x.layout != torch.strided or x.is_nested:
            raise TypeError(f"matmul: {name} is not a dense tensor (layout {x.layout}): pass {name}.to_dense()")
        if x.device != operands["a"].device:
            raise ValueError(
                f"matmul: a is on {operands['a'].device} and {name} is on {x.device}: move one of them, "
                f"for instance {name}.to(a.device)"
            )
        if x.device.type not in ("cpu", "cuda"):
            raise ValueError(f"matmul: {name} is on device {x.device}; the devices are cpu and cuda: pass {name}.cpu()")
        if x.requires_grad and torch.is_grad_enabled():
            raise ValueError(
                f"matmul: {name} requires a gradient, and this product has none: pass {name}.detach(), "
                f"or call it under torch.no_grad(); torch.matmul is differentiable"
            )


def _check_out(out: Any, shape: tuple[int, int]) -> None:
    if tuple(out.shape) != shape:
        raise ValueError(f"matmul: out is {_show(out)}, and the product of a and b has shape {list(shape)}")
    strides = out.stride() if _is_tensor(out) else out.strides
    if isinstance(out, np.ndarray) and not out.flags.writeable:
        raise ValueError(f"matmul: out, {_show(out)}, is read-only: pass an array of your own")
    # Two elements share memory if di * strides[0] = dj * strides[1] within the shape; the smallest such step:
    down, right = abs(strides[0]), abs(strides[1])
    common = gcd(down, right) or 1
    if 0 not in shape and (right // common < shape[0] and down // common < shape[1]) and shape != (1, 1):
        raise ValueError(
            f"matmul: elements of out, {_show(out)} with strides {tuple(strides)}, share memory, so they cannot all "
            f"hold their result: pass a copy"
        )
