"""What judge and worker say to each other: one frame is a JSON header and raw array bytes, nothing is ever unpickled.

The judge treats every frame from the worker as a stranger's text: sizes are checked before anything is read, arrays
are rebuilt from raw bytes and a dtype out of a fixed list, and a type that is not in the list arrives as its name.
"""

import json
import os
import struct
from dataclasses import asdict, dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.course.spec import Operand, ScriptedDevice

MAGIC = b"MLK1"
HEADER_LIMIT = 4 << 20
"""Bytes of JSON in one frame."""
BUFFER_LIMIT = 512 << 20
"""Bytes of all arrays in one frame."""

ARRAY_TYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
               "float16", "float32", "float64", "bfloat16")  # fmt: skip


class FrameError(Exception):
    """The other side's bytes are not a frame."""


@dataclass(frozen=True)
class Returned:
    """An array that came back: `data` has shape `shape`, in its storage type (uint16 for bfloat16)."""

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


def take_channel() -> tuple[IO[bytes], IO[bytes]]:
    """In a worker: requests and replies, so that what is printed, from Python or C, goes to standard error instead."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_RDONLY)
    os.dup2(quiet, 0)
    os.dup2(2, 1)
    return requests, replies


def send(stream: IO[bytes], message: dict[str, Any], buffers: list[bytes]) -> None:
    """Write one frame."""
    header = json.dumps(message | {"sizes": [len(buffer) for buffer in buffers]}).encode()
    stream.write(MAGIC + struct.pack(">I", len(header)) + header)
    for buffer in buffers:
        stream.write(buffer)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], list[bytearray]] | None:
    """Read one frame; None at the end of the stream.

    Raises:
        FrameError: the bytes are not a frame, or one larger than the limits.
    """
    start = stream.read(8)
    if not start:
        return None
    if len(start) < 8 or start[:4] != MAGIC:
        raise FrameError("not a frame")
    (length,) = struct.unpack(">I", start[4:])
    if length > HEADER_LIMIT:
        raise FrameError("header too long")
    try:
        message = json.loads(_exactly(stream, length))
        sizes = message.pop("sizes")
        if not (isinstance(sizes, list) and all(type(size) is int and size >= 0 for size in sizes)):
            raise FrameError("bad sizes")
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise FrameError("bad header") from error
    if sum(sizes) > BUFFER_LIMIT:
        raise FrameError("arrays too large")
    return message, [_exactly(stream, size) for size in sizes]


def _exactly(stream: IO[bytes], size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    filled = 0
    while filled < size:
        count = stream.readinto(view[filled:])  # type: ignore[attr-defined]
        if not count:
            raise FrameError("cut short")
        filled += count
    return data


def pack_argument(value: Any, buffers: list[bytes]) -> Any:
    """Judge to worker: an argument of a call as JSON, its arrays appended to `buffers`."""
    if isinstance(value, Operand):
        buffers.append(value.buffer.tobytes())
        view = {"dtype": value.dtype, "shape": value.shape, "strides": value.strides, "offset": value.offset}
        return {"$operand": view | {"library": value.library, "index": len(buffers) - 1}}
    if isinstance(value, ScriptedDevice):
        return {"$device": asdict(value)}
    if isinstance(value, tuple):
        return {"$tuple": [pack_argument(item, buffers) for item in value]}
    if isinstance(value, list):
        return [pack_argument(item, buffers) for item in value]
    if isinstance(value, dict):
        return {"$dict": [[key, pack_argument(item, buffers)] for key, item in value.items()]}
    return value


def unpack_value(packed: Any, buffers: list[bytearray]) -> Any:
    """Worker to judge: a returned value, checked while it is rebuilt.

    Raises:
        FrameError: the description does not fit its bytes.
    """
    if isinstance(packed, list):
        return [unpack_value(item, buffers) for item in packed]
    if not isinstance(packed, dict):
        return packed
    try:
        (kind, content), *rest = packed.items()
        if rest:
            raise FrameError("bad value")
        if kind == "$tuple":
            return tuple(unpack_value(item, buffers) for item in content)
        if kind == "$dict":
            return {key: unpack_value(item, buffers) for key, item in content}
        if kind == "$foreign":
            return Foreign(str(content["type"])[:80], str(content["module"])[:80])
        if kind == "$array" and content["dtype"] in ARRAY_TYPES and content["library"] in ("numpy", "torch"):
            shape = tuple(int(size) for size in content["shape"])
            data = np.frombuffer(buffers[content["index"]], storage(content["dtype"])).reshape(shape)
            return Returned(content["library"], content["dtype"], shape, data)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise FrameError("bad value") from error
    raise FrameError("bad value")
