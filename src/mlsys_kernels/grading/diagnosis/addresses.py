"""Elements read at a wrong place in memory: what C would be if A or B had been walked with other strides or indices.

Only the operands' own buffers are known. Where a wrong address leaves its buffer, C is unknown and not compared.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.course.problems.operands import decode
from mlsys_kernels.course.spec import Operand
from mlsys_kernels.grading.diagnosis.evidence import Bool, Evidence, Float64, Suspect

Read = tuple[Float64, Bool]
"""The values of an operand as a kernel would find them, and which of them are known."""
Strides = tuple[int, int]


def misread(evidence: Evidence) -> Iterator[Suspect]:
    """What C would be if A, B or both were read at wrong addresses."""
    if len(evidence.operands) < 1 or evidence.operands[0].values.shape != evidence.expect.a.shape:
        return
    arrays = evidence.operands[:2]
    if len(arrays) == 1:
        yield from _copied(arrays[0])
        return
    if len(arrays[1].shape) != 2:
        return
    yield from _other_strides(evidence, arrays[0], arrays[1])
    yield from _neighbours(evidence, arrays[0], arrays[1])
    yield from _wrong_steps(evidence, arrays[0], arrays[1])


def read(arg: Operand, strides: Strides, offset: int, extra: NDArray[np.int64] | int = 0) -> Read:
    """The matrix found at `offset` with other strides; `extra` elements further on, per element or for all."""
    rows, cols = arg.shape
    where = offset + np.arange(rows)[:, None] * strides[0] + np.arange(cols)[None, :] * strides[1] + extra
    inside = (where >= 0) & (where < arg.buffer.size)
    if not arg.buffer.size:
        return np.zeros(arg.shape), inside
    values = decode(arg.buffer[np.where(inside, where, 0)], arg.dtype)
    return np.where(inside, values, 0.0), inside


def _suspect(evidence: Evidence, name: str, cause: str, x: Read, y: Read) -> Suspect:
    known = np.outer(x[1].all(axis=1), y[1].all(axis=0))
    return Suspect(name, cause, evidence.finished(x[0], y[0]), None if known.all() else known)


def _own(arg: Operand) -> Read:
    return arg.values, np.ones(arg.shape, bool)


def _copied(arg: Operand) -> Iterator[Suspect]:
    for name, cause, strides, offset in _walks("the matrix", arg, []):
        values, known = read(arg, strides, offset)
        yield Suspect(name, cause, values, known)
    rows, cols = arg.shape
    if rows and cols:
        n = np.arange(rows * cols).reshape(rows, cols)
        found, known = read(arg, (0, 0), arg.offset, n // rows * arg.strides[0] + n % rows * arg.strides[1])
        cause = f"element n is looked for in row n // {rows}: that is the number of rows; a row has {cols} elements"
        yield Suspect("wrong-row-length", cause, found, known)


def _walks(letter: str, arg: Operand, lengths: list[tuple[int, str]]) -> Iterator[tuple[str, str, Strides, int]]:
    """(name, cause, strides, offset) of other ways to walk one operand; `lengths` are row lengths of other matrices."""
    rows, cols = arg.shape
    s0, s1 = (int(stride) for stride in arg.strides)
    index = {"A": ("a[i, k]", "a[k, i]"), "B": ("b[k, j]", "b[j, k]")}.get(letter, ("x[i, j]", "x[j, i]"))
    ignored = f"the strides of {letter} are ignored: memory is read as if the rows lay one after the other"
    transposed = f"{letter} is read as its transpose: {index[1]} where {index[0]} is meant"
    reshaped = f"{letter} is read as if its columns lay one after the other: it is reshaped, not transposed"
    walks = [
        ("strides-ignored", ignored, (cols, 1), arg.offset),
        ("strides-ignored", f"{ignored}, from the start of the storage", (cols, 1), 0),
        (f"transposed-{'b' if letter == 'B' else 'a'}", transposed, (s1, s0), arg.offset),
        ("reshaped-not-transposed", reshaped, (1, rows), arg.offset),
        ("strides-ignored", f"the column stride of {letter} is ignored: 1 in place of {s1}", (s0, 1), arg.offset),
        ("strides-ignored", f"where {letter} begins in its storage is ignored", (s0, s1), 0),
        ("strides-ignored", f"the signs of the strides of {letter} are lost", (abs(s0), abs(s1)), 0),
    ]
    for length, whose in lengths:
        cause = f"{letter} is walked with rows of {length} elements ({whose}); its own row stride is {s0}"
        walks.append(("wrong-row-length", cause, (length, s1), arg.offset))
    seen = {((s0, s1), arg.offset)}
    for name, cause, strides, offset in walks:
        if (strides, offset) not in seen:
            seen.add((strides, offset))
            yield name, cause, strides, offset


def _other_strides(evidence: Evidence, a: Operand, b: Operand) -> Iterator[Suspect]:
    own_a, own_b = _own(a), _own(b)
    (m, k), n = a.shape, b.shape[1]
    lengths_a = [(b.strides[0], "the row stride of B"), (n, "N"), (m, "M"), (k, "K")]
    lengths_b = [(a.strides[0], "the row stride of A"), (k, "K"), (m, "M"), (n, "N")]
    for name, cause, strides, offset in _walks("A", a, lengths_a):
        yield _suspect(evidence, name, cause, read(a, strides, offset), own_b)
    for name, cause, strides, offset in _walks("B", b, lengths_b):
        yield _suspect(evidence, name, cause, own_a, read(b, strides, offset))
    cause = "the strides of A and B are ignored: memory is read as if the rows lay one after the other"
    yield _suspect(evidence, "strides-ignored", cause, read(a, (k, 1), a.offset), read(b, (n, 1), b.offset))
    yield _suspect(evidence, "wrong-row-length", "A and B are each walked with the strides of the other",
                   read(a, (b.strides[0], b.strides[1]), a.offset),
                   read(b, (a.strides[0], a.strides[1]), b.offset))  # fmt: skip


def _neighbours(evidence: Evidence, a: Operand, b: Operand) -> Iterator[Suspect]:
    """An index that is off by one: memory beside the element, nothing at the edge, or the other end of the axis."""
    own_a, own_b = _own(a), _own(b)
    for letter, arg, indices in (("A", a, ("i", "k")), ("B", b, ("k", "j"))):
        for axis in (0, 1):
            for by in (1, -1):
                index = [*indices]
                index[axis] += f" {'+' if by > 0 else '-'} 1"
                low = letter.lower()
                cause = (
                    f"{letter} is read one {('row', 'column')[axis]} off: {low}[{index[0]}, {index[1]}] where "
                    f"{low}[{indices[0]}, {indices[1]}] is meant"
                )
                for found in _shifted(arg, axis, by):
                    pair = (found, own_b) if letter == "A" else (own_a, found)
                    yield _suspect(evidence, "off-by-one", cause, *pair)


def _shifted(arg: Operand, axis: int, by: int) -> Iterator[Read]:
    stride = (int(arg.strides[0]), int(arg.strides[1]))
    yield read(arg, stride, arg.offset, by * stride[axis])
    rolled = np.roll(arg.values, -by, axis)
    yield rolled, np.ones(arg.shape, bool)
    edge = [slice(None), slice(None)]
    edge[axis] = slice(-1, None) if by > 0 else slice(0, 1)
    cleared = rolled.copy()
    cleared[tuple(edge)] = 0.0
    yield cleared, np.ones(arg.shape, bool)


def _wrong_steps(evidence: Evidence, a: Operand, b: Operand) -> Iterator[Suspect]:
    """Every tile of K begins where the one before began, or a wrong distance further on."""
    rows, cols = evidence.sample
    if not len(rows):
        return
    left, right, k = evidence.expect.a, evidence.expect.b, np.arange(evidence.terms)
    (a0, a1), (b0, b1) = a.strides, b.strides
    for tile in range(1, evidence.terms):
        step, inside = k // tile, k % tile
        steps_a = _distances(tile, a1, {"as if it did not move": 0, "down instead of right": tile * a0,
                                        f"{tile} elements": tile, "one column": a1})  # fmt: skip
        steps_b = _distances(tile, b0, {"as if it did not move": 0, "right instead of down": tile * b1,
                                        f"{tile} elements": tile, "one row": b0})  # fmt: skip
        for letter, steps in (("A", steps_a), ("B", steps_b)):
            for how, distance in steps:
                if letter == "A":
                    extra = (inside - k)[None, :] * a1 + step[None, :] * distance
                    found = _at(a, rows[:, None], k[None, :], extra)
                    values = (found * right[:, cols].T).sum(axis=1)
                else:
                    extra = (inside - k)[:, None] * b0 + step[:, None] * distance
                    found = _at(b, k[:, None], cols[None, :], extra)
                    values = (left[rows] * found.T).sum(axis=1)
                if not evidence.agrees(values[None, :])[0]:
                    continue
                strides_a, strides_b = (int(a0), int(a1)), (int(b0), int(b1))
                if letter == "A":
                    pair = (read(a, strides_a, a.offset, extra), _own(b))
                else:
                    pair = (_own(a), read(b, strides_b, b.offset, extra))
                first = "first term" if tile == 1 else f"first {tile} terms"
                moves = f"moves {how}" if distance else f"reads the {first} of {letter} again"
                cause = f"every {_piece(tile)} of K {moves}"
                if distance:
                    cause = f"from one {_piece(tile)} of K to the next the tile of {letter} {moves}"
                yield _suspect(evidence, "wrong-step-over-k", cause, *pair)
        both = (left[:, inside][rows] * right[inside][:, cols].T).sum(axis=1)
        if evidence.agrees(both[None, :])[0]:
            first = "first term" if tile == 1 else f"first {tile} terms"
            cause = f"every {_piece(tile)} of K reads the {first} of A and B again: neither moves on"
            c = evidence.finished(left[:, inside], right[inside])
            yield Suspect("wrong-step-over-k", cause, c)


def _piece(tile: int) -> str:
    return "step" if tile == 1 else f"tile ({tile} terms)"


def _distances(tile: int, right: int, named: dict[str, int]) -> list[tuple[str, int]]:
    """The wrong distances among `named`, each once."""
    seen, kept = {tile * right}, []
    for how, distance in named.items():
        if distance not in seen:
            seen.add(distance)
            kept.append((how, int(distance)))
    return kept


def _at(arg: Operand, row: NDArray[np.int64], col: NDArray[np.int64], extra: NDArray[np.int64]) -> Float64:
    where = arg.offset + row * arg.strides[0] + col * arg.strides[1] + extra
    inside = (where >= 0) & (where < arg.buffer.size)
    return np.where(inside, decode(arg.buffer[np.where(inside, where, 0)], arg.dtype), np.nan)
