"""One call as a request, and its reply as an answer: arrays go through the worker's pages, everything else is JSON."""

from dataclasses import asdict
from typing import Any

import numpy as np

from mlsys_kernels.course.spec import Call, Large, Matrix, Operand, ScriptedDevice
from mlsys_kernels.grading.answers import Foreign, Returned, storage
from mlsys_kernels.grading.channel import REUSED, Code, ForgedError, Reply
from mlsys_kernels.grading.judge import Answered
from mlsys_kernels.grading.pages import Piece
from mlsys_kernels.grading.sandbox import Worker
from mlsys_kernels.grading.trust import plain_value


def pack(arg: Any, worker: Worker, placed: list[tuple[Operand, Piece]], *, at_end: bool) -> Any:
    """An argument as JSON; its arrays are written into the worker's pages and noted in `placed`."""
    if isinstance(arg, Operand):
        piece = worker.pages.reserve(arg.buffer.nbytes, at_end=at_end)
        worker.pages.write(piece, arg.buffer)
        placed.append((arg, piece))
        view = {"dtype": arg.dtype, "shape": arg.shape, "strides": arg.strides, "offset": arg.offset}
        return {"$operand": view | {"library": arg.library, "piece": _numbers(piece)}}
    if isinstance(arg, ScriptedDevice):
        return {"$device": asdict(arg)}
    if isinstance(arg, tuple):
        return {"$tuple": [pack(item, worker, placed, at_end=at_end) for item in arg]}
    if isinstance(arg, list):
        return [pack(item, worker, placed, at_end=at_end) for item in arg]
    if isinstance(arg, dict):
        return {"$dict": [[key, pack(item, worker, placed, at_end=at_end)] for key, item in arg.items()]}
    return arg


def room_for(call: Call, worker: Worker, *, at_end: bool) -> tuple[dict[str, Any] | None, Piece | None]:
    """What array is asked for and where it goes; None for a call that does not ask for one."""
    expect = call.expect
    if not isinstance(expect, Matrix | Large):
        return None, None
    count = int(np.prod(expect.shape))
    piece = worker.pages.reserve(count * np.dtype(storage(expect.dtype)).itemsize, at_end=at_end)
    asked = {"library": expect.library, "dtype": expect.dtype, "shape": list(expect.shape), "piece": _numbers(piece)}
    return asked, piece


def _numbers(piece: Piece) -> list[int]:
    return [piece.offset, piece.size, piece.start, piece.nbytes]


def read_answer(
    reply: Reply, call: Call, worker: Worker, placed: list[tuple[Operand, Piece]], room: Piece | None
) -> Answered:
    """What came back from one call, checked: of an array only the bytes count that lie where it was asked for.

    Raises:
        ForgedError: the reply does not fit the request.
    """
    value: Any
    expect = call.expect
    if reply.code is Code.VALUE:
        value = plain_value(reply.text)
    elif reply.code is Code.FOREIGN:
        if not (isinstance(reply.text, list) and len(reply.text) == 2 and all(type(x) is str for x in reply.text)):
            raise ForgedError("bad name of a type")
        value = Foreign(*reply.text)
    elif reply.code is Code.ARRAY:
        if not isinstance(expect, Matrix | Large) or room is None:
            raise ForgedError("an array that was not asked for")
        # Of what the worker says only the bytes count; type and shape are those that were asked for.
        data = np.frombuffer(worker.pages.read(room), storage(expect.dtype)).reshape(expect.shape)
        value = Returned(expect.library, expect.dtype, tuple(expect.shape), data)
    else:
        name = reply.dtype or (reply.text if type(reply.text) is str else "?")
        value = Returned(reply.library, name[:40], reply.shape, np.empty(0))
        if isinstance(expect, Matrix | Large) and (reply.library, reply.dtype, reply.shape) == (
            expect.library, expect.dtype, tuple(expect.shape)):  # fmt: skip
            raise ForgedError("an array without its bytes")
    aliased = tuple(at for at in range(min(len(placed), 8)) if reply.aliased >> at & 1)
    overrun, mutated = [], []
    for at, (operand, piece) in enumerate(placed):
        if worker.pages.read(piece) != operand.buffer.tobytes():
            mutated.append(at)
        elif not worker.pages.untouched_around(piece):
            overrun.append(at)
    said = reply.text if isinstance(reply.text, dict) else {}
    undefined, loaded, stored = (
        number if type(number := said.get(name)) is int else None for name in ("undefined", "loaded", "stored")
    )
    return Answered(
        value,
        aliased,
        reused=bool(reply.aliased & REUSED),
        mutated=tuple(mutated),
        overrun=tuple(overrun),
        launches=reply.launches,
        undefined=undefined,
        loaded=loaded,
        stored=stored,
    )
