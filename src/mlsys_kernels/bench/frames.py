"""What the bench and its worker say to each other: one frame is a JSON header and raw array bytes.

Sizes are checked before anything is read, and nothing is ever unpickled.
"""

import json
import os
import struct
from typing import IO, Any

MAGIC = b"MLK1"
HEADER_LIMIT = 4 << 20
"""Bytes of JSON in one frame."""
BUFFER_LIMIT = 512 << 20
"""Bytes of all arrays in one frame."""


class FrameError(Exception):
    """The other side's bytes are not a frame."""


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
