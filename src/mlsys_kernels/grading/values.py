"""In the worker: turn what a submission returned into a reply, without running any code of the value itself."""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.grading.answers import ARRAY_TYPES, storage
from mlsys_kernels.grading.channel import DIMENSIONS, UNKNOWN_TYPE, Code

LONGEST_TEXT = 10_000
LONGEST_LIST = 10_000
DEEPEST = 4


def is_tensor(value: Any) -> bool:
    """True for torch.Tensor itself, not for a subclass."""
    torch = sys.modules.get("torch")
    return torch is not None and type(value) is torch.Tensor


def describe_array(value: Any) -> dict[str, Any] | None:
    """Library, type and shape of an array as fields of a reply; None if the value is no plain array."""
    if type(value) is np.ndarray and value.ndim <= DIMENSIONS and value.dtype.kind in "biufcSUVMm":
        name = value.dtype.name if value.dtype.isnative else value.dtype.str
        return {"library": 0, "dtype": _type_number(name), "shape": value.shape}
    if is_tensor(value) and value.layout is sys.modules["torch"].strided and value.dim() <= DIMENSIONS:
        name = str(value.dtype).removeprefix("torch.")
        return {"library": 1, "dtype": _type_number(name), "shape": tuple(value.shape)}
    return None


def type_name(value: Any) -> str:
    """The element type of an array, as a learner writes it."""
    dtype = value.dtype
    return str(dtype.str if isinstance(dtype, np.dtype) and not dtype.isnative else dtype).removeprefix("torch.")


def _type_number(name: str) -> int:
    return ARRAY_TYPES.index(name) if name in ARRAY_TYPES else UNKNOWN_TYPE


def copy_out(value: Any, place: NDArray[np.uint8]) -> None:
    """Copy an array of exactly the expected type and shape into the shared pages."""
    if type(value) is np.ndarray:
        np.copyto(place.view(value.dtype).reshape(value.shape), value)
        return
    import torch

    data = value.detach().cpu().contiguous()
    bits = (data.view(torch.int16) if data.dtype is torch.bfloat16 else data).numpy()
    np.copyto(place.view(bits.dtype).reshape(bits.shape), bits)


def copy_back(tensor: Any, base: NDArray[Any]) -> None:
    """Copy a tensor's whole memory from the GPU into the pages it came from, so that the judge sees what changed."""
    import torch

    whole = torch.empty(0, dtype=torch.uint8, device=tensor.device).set_(tensor.untyped_storage())
    np.copyto(base.view(np.uint8), whole.cpu().numpy())


def shares_memory(value: Any, argument: Any) -> bool:
    """Whether a result and an argument overlap."""
    if type(value) is np.ndarray and isinstance(argument, np.ndarray):
        return bool(value.size) and np.may_share_memory(value, argument)
    if is_tensor(value) and is_tensor(argument) and value.numel():
        return bool(value.untyped_storage().data_ptr() == argument.untyped_storage().data_ptr())
    return False


def plain(value: Any, depth: int = 0) -> Any:
    """A returned value that is no array, as JSON; raises TypeError for what no exercise asks for."""
    kind = type(value)
    if value is None or kind in (bool, float) or (kind is int and abs(value) < 1 << 1000):
        return value
    if kind is str and len(value) < LONGEST_TEXT:
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biuf" and value.dtype.itemsize <= 8:
        return value.item()
    if kind in (list, tuple) and len(value) <= LONGEST_LIST and depth < DEEPEST:
        items = [plain(item, depth + 1) for item in value]
        return items if kind is list else {"$tuple": items}
    if (
        kind is dict
        and len(value) <= LONGEST_LIST
        and depth < DEEPEST
        and all(type(key) in (str, int) for key in value)
    ):
        return {"$dict": [[key, plain(item, depth + 1)] for key, item in value.items()]}
    raise TypeError


def reply_of(value: Any, expect: dict[str, Any] | None) -> tuple[Code, dict[str, Any]]:
    """The code of the reply and its fields. `expect`: library, dtype and shape of the array that is asked for."""
    array = describe_array(value)
    if array is not None:
        fields = {
            "library": ("numpy", "torch")[array["library"]],
            "dtype": type_name(value),
            "shape": list(array["shape"]),
        }
        if expect is not None and all(fields[key] == expect[key] for key in fields):
            return Code.ARRAY, array
        return Code.OTHER_ARRAY, array | {"text": type_name(value)}
    try:
        return Code.VALUE, {"text": [plain(value)]}
    except (TypeError, ValueError, RecursionError):
        kind = type(value)
        name = getattr(kind, "__name__", "?")
        if isinstance(value, np.ndarray) and kind is np.ndarray:
            name = "ndarray"
        return Code.FOREIGN, {"text": [str(name)[:80], str(kind.__module__)[:80]]}


def argument(packed: Any, mapping: Any, arrays: list[Any], *, cuda: bool) -> Any:
    """Rebuild an argument from the judge's description; array views and their whole buffers are noted in `arrays`."""
    if isinstance(packed, list):
        return [argument(item, mapping, arrays, cuda=cuda) for item in packed]
    if not isinstance(packed, dict):
        return packed
    (kind, content), *_ = packed.items()
    if kind == "$tuple":
        return tuple(argument(item, mapping, arrays, cuda=cuda) for item in content)
    if kind == "$dict":
        return {key: argument(item, mapping, arrays, cuda=cuda) for key, item in content}
    if kind != "$operand":
        return packed
    base = mapping.array(*content["piece"]).view(storage(content["dtype"]))
    shape, strides, offset = tuple(content["shape"]), content["strides"], content["offset"]
    if content["library"] == "numpy":
        item = base.itemsize
        view = np.ndarray(shape, base.dtype, base, offset * item, tuple(s * item for s in strides))
        arrays.append((view, base))
        return view
    import torch

    dtype = getattr(torch, content["dtype"])
    # from_numpy refuses uint16 in older versions; the bits are the same as int16.
    bits = torch.from_numpy(base.view(np.int16) if content["dtype"] == "bfloat16" else base)
    whole = bits.view(dtype) if content["dtype"] == "bfloat16" else bits
    if cuda:
        whole = whole.to("cuda")
    tensor = torch.as_strided(whole, shape, strides, offset)
    arrays.append((tensor, base))
    return tensor
