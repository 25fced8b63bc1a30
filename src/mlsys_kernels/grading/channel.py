"""The line between judge and worker: requests are the judge's JSON, replies are fixed structs that are checked first.

The judge trusts nothing that comes back. A reply is one `HEADER` of known size, whose every field is checked before
anything else is read, and at most `TEXT_LIMIT` bytes of JSON text. Arrays do not pass here: they lie in shared pages
(`pages.py`). Nothing is ever unpickled or evaluated.
"""

import json
import os
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from mlsys_kernels.grading.answers import ARRAY_TYPES, LIBRARIES

HEADER = struct.Struct("<4sIHBBBxHiI6q")
"""magic, sequence, code, library, dtype, dimensions, aliased, launches, bytes of text, shape."""
MAGIC = b"MLK2"
TEXT_LIMIT = 1 << 18
"""Bytes of JSON behind a header: the longest answer, a list of 4,096 tiles, has 50,000."""
DIMENSIONS = 6
LONGEST = 1 << 48
REUSED = 1 << 15
"""In `aliased`: the result lies in the memory of an earlier call's result."""
REQUEST_LENGTH = struct.Struct("<I")
UNKNOWN_TYPE = 255


class Code(IntEnum):
    """What a reply says."""

    LOADED = 1
    ARRAY = 2
    """An array of the expected library, type and shape: its bytes are in the pages for the result."""
    OTHER_ARRAY = 3
    VALUE = 4
    FOREIGN = 5
    RAISED = 6
    UNUSABLE = 7
    NO_CUDA = 8
    FAULT = 9
    REFUSED = 10
    TRACED = 11


class ForgedError(Exception):
    """The bytes from the worker are no reply."""


@dataclass(frozen=True)
class Reply:
    """One reply, checked. `aliased` has a bit for every argument that the result shares memory with, and REUSED.

    `launches` counts Triton kernels, None where that is not known; `text` is the JSON that came with it, or None.
    """

    code: Code
    library: str
    dtype: str
    shape: tuple[int, ...]
    aliased: int
    launches: int | None
    text: Any


def send_request(fd: int, request: dict[str, Any]) -> None:
    """Judge: write one request."""
    data = json.dumps(request).encode()
    _write_all(fd, REQUEST_LENGTH.pack(len(data)) + data)


def receive_request(fd: int) -> dict[str, Any] | None:
    """Worker: read the judge's next request; None when the judge is gone."""
    start = _read_all(fd, REQUEST_LENGTH.size)
    if start is None:
        return None
    data = _read_all(fd, REQUEST_LENGTH.unpack(start)[0])
    return None if data is None else json.loads(data)


def send_reply(
    fd: int,
    sequence: int,
    code: Code,
    text: Any = None,
    *,
    library: int = 0,
    dtype: int = UNKNOWN_TYPE,
    shape: tuple[int, ...] = (),
    aliased: int = 0,
    launches: int | None = None,
) -> None:
    """Worker: write one reply; text that is too long is replaced by None."""
    data = b"" if text is None else json.dumps(text).encode()
    if len(data) > TEXT_LIMIT:
        data = b""
    sizes = (*shape, *(0,) * (DIMENSIONS - len(shape)))
    count = -1 if launches is None else launches
    head = HEADER.pack(MAGIC, sequence, code, library, dtype, len(shape), aliased, count, len(data), *sizes)
    _write_all(fd, head + data)


def check_header(data: bytes, sequence: int) -> int:
    """Judge: bytes of text that follow a header.

    Raises:
        ForgedError: it is not the header of the reply to request `sequence`.
    """
    magic, number, code, library, dtype, dimensions, _, launches, text, *shape = HEADER.unpack(data)
    sound = (
        magic == MAGIC
        and number == sequence
        and code in tuple(Code)
        and library < len(LIBRARIES)
        and (dtype < len(ARRAY_TYPES) or dtype == UNKNOWN_TYPE)
        and dimensions <= DIMENSIONS
        and launches >= -1
        and text <= TEXT_LIMIT
        and all(0 <= size <= LONGEST for size in shape)
    )
    if not sound:
        raise ForgedError("the header of a reply is forged or broken")
    return int(text)


def read_reply(header: bytes, text: bytes) -> Reply:
    """Judge: a reply whose header is checked.

    Raises:
        ForgedError: the text is not JSON.
    """
    _, _, code, library, dtype, dimensions, aliased, launches, _, *shape = HEADER.unpack(header)
    try:
        content = json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        raise ForgedError("the text of a reply is no JSON") from error
    name = "" if dtype == UNKNOWN_TYPE else ARRAY_TYPES[dtype]
    return Reply(
        Code(code),
        LIBRARIES[library],
        name,
        tuple(shape[:dimensions]),
        aliased,
        None if launches < 0 else launches,
        content,
    )


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _read_all(fd: int, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        chunk = os.read(fd, size - len(data))
        if not chunk:
            return None
        data += chunk
    return data
