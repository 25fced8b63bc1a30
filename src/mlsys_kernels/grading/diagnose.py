"""Name the mistake behind wrong elements, from the structure of the error and never from the source text.

Each hypothesis says what C would be if one particular mistake had been made. The first one that reproduces *every*
wrong element is the diagnosis. If none does, the pattern of the wrong elements is described and no cause is invented.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.course.problems.operands import decode, encode
from mlsys_kernels.course.spec import Call, DType, Matrix, Mistake, Operand, unchanged
from mlsys_kernels.grading.answers import Returned

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

MAP_CELLS = (12, 48)
"""Rows and columns of the map of wrong elements."""
ENOUGH = 4
"""Wrong elements from which a mistake can be named; fewer agree with almost any hypothesis."""
NEAR = 0.02
"""Error, as a share of the right values, up to which lost precision is the likely cause."""
UNKNOWN = "no known mistake gives these values; look at the map for the rows and columns that go wrong"
SAMPLES = 64
"""Wrong elements on which the partial sums over K are compared."""


@dataclass(frozen=True)
class Diagnosis:
    """The mistake, and a map of the wrong elements (# wrong, + some wrong, . right), one string per row.

    `word` is the cause in one word: wrong-result, precision or nonfinite.
    """

    mistake: Mistake
    picture: tuple[str, ...]
    word: str


def diagnose(call: Call, expect: Matrix, value: Returned, wrong: Bool, previous: list[Returned]) -> Diagnosis:
    """Explain the elements of `value` marked in `wrong`; `previous` are the answers to earlier calls of the case."""
    got = decode(value.data, expect.dtype)
    what = f"{wrong.sum():,} of {wrong.size:,} elements are wrong: {_region(wrong)}"
    named = _named(call, expect, got, wrong, previous) if wrong.sum() >= ENOUGH else None
    partial = None if named else _partial_sums(expect, got, wrong)
    short = None if named or partial else _too_short(expect, got, wrong)
    unnamed = (short, "precision") if short else (partial or _pattern(expect, got, wrong), "wrong-result")
    cause, word = named or unnamed
    if np.isnan(expect.value).any() or np.isinf(expect.value).any():
        word = "nonfinite"
    return Diagnosis(Mistake(what, _numbers(expect, got, wrong), cause), _picture(wrong), word)


def _named(call: Call, expect: Matrix, got: Float64, wrong: Bool, previous: list[Returned]) -> tuple[str, str] | None:
    """The first hypothesis that gives every wrong element: its sentence and its word."""
    if not got[wrong].any():
        return None  # zeros agree with too many hypotheses
    for cause, c, word in _hypotheses(call, expect, previous):
        if c.shape == got.shape and _same(c[wrong], got[wrong], expect, wrong):
            return cause, word
    return None


def _same(c: Float64, got: Float64, expect: Matrix, wrong: Bool) -> bool:
    """Whether a hypothesis reproduces the wrong elements: bit for bit on exact inputs, else within the bound."""
    rounded = decode(encode(c, expect.dtype), expect.dtype)
    equal = (rounded == got) | (np.isnan(rounded) & np.isnan(got))
    if expect.bound is not None:
        equal |= np.abs(rounded - got) <= expect.bound[wrong]
    return bool(equal.all())


def _hypotheses(call: Call, expect: Matrix, previous: list[Returned]) -> Iterator[tuple[str, Float64, str]]:
    """(cause, what C would be, cause in one word), the most specific first."""
    a, b, right, finish = expect.a, expect.b, expect.value, expect.finish
    wrong = "wrong-result"
    for answer in previous:
        if answer.shape == right.shape:
            yield (
                "it is the answer to the previous call: something is kept between calls",
                decode(answer.data, expect.dtype),
                wrong,
            )
    if expect.library == "torch":  # before float16: on most numbers the two round alike
        yield ("the operands are rounded to tf32 (11 significant bits): for float32, tl.dot does that unless it is "
               'told input_precision="ieee"'), finish(_tf32(a) @ _tf32(b)), "precision"  # fmt: skip
    for dtype in ("float16", "bfloat16", "float32"):
        if dtype != expect.dtype and not (dtype == "float32" and expect.dtype in ("float16", "bfloat16")):
            short_a, short_b = _rounded(a, dtype), _rounded(b, dtype)
            yield (
                f"the operands are rounded to {dtype} before they are multiplied",
                finish(short_a @ short_b),
                "precision",
            )
            yield f"the result is rounded to {dtype} on its way out", _rounded(right, dtype), "precision"
    yield "the sum is kept in an integer, which cuts the fractions off", finish(np.trunc(a @ b)), "precision"
    if a.shape[0] == a.shape[1] == b.shape[0] == b.shape[1]:
        yield "B is read as its transpose: b[j, k] where b[k, j] is meant", finish(a @ b.T), wrong
        yield "A is read as its transpose: a[k, i] where a[i, k] is meant", finish(a.T @ b), wrong
        yield "rows and columns of C are exchanged", finish(a @ b).T, wrong
        yield "the operands are exchanged: this is B A", finish(b @ a), wrong
    for scale, words in ((2.0, "everything is added twice"), (-1.0, "the sign is wrong"), (0.5, "it is half of C")):
        yield f"{words}: it is {scale:g} times the right product", finish(scale * (a @ b)), wrong
    if finish is not unchanged:
        yield "the product is right, but what follows it (bias, ReLU) is missing", a @ b, wrong
    operands = [arg for arg in call.args if isinstance(arg, Operand)]
    flat = [_as_if_contiguous(arg) for arg in operands[:2]]
    if len(flat) == 2 and not (flat[0] is None or flat[1] is None):
        first, second = flat
        assert first is not None
        assert second is not None
        for names, x, y in (("A", first, b), ("B", a, second), ("A and B", first, second)):
            if not (x is a and y is b):
                yield (f"the strides of {names} are ignored: memory is read as if the rows lay one after the other",
                       finish(x @ y), wrong)  # fmt: skip


def _rounded(x: Float64, dtype: DType) -> Float64:
    return decode(encode(x, dtype), dtype)


def _tf32(x: Float64) -> Float64:
    """Round to the 11 significant bits that a tensor core keeps of a float32 (to nearest, ties away from zero)."""
    bits = x.astype(np.float32).view(np.uint32)
    return ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32).astype(np.float64)


def _as_if_contiguous(arg: Operand) -> Float64 | None:
    """The values found where a kernel that ignores strides would look; None if that leaves the buffer."""
    count = int(np.prod(arg.shape))
    if arg.offset + count > arg.buffer.size:
        return None
    return decode(arg.buffer[arg.offset : arg.offset + count], arg.dtype).reshape(arg.shape)


def _partial_sums(expect: Matrix, got: Float64, wrong: Bool) -> str | None:
    """Look for terms k0 <= k < k1 of the sum that alone, or left out, or counted twice, give every wrong element."""
    k = expect.a.shape[1]
    if k == 0 or wrong.sum() < ENOUGH or not np.isfinite(expect.value).all() or not np.isfinite(got[wrong]).all():
        return None
    rows, cols = np.nonzero(wrong)
    chosen = np.random.default_rng(0).permutation(len(rows))[:SAMPLES]  # not a stride: it could pick one column only
    rows, cols = rows[chosen], cols[chosen]
    prefix = np.zeros((len(rows), k + 1))
    np.cumsum(expect.a[rows] * expect.b[:, cols].T, axis=1, out=prefix[:, 1:])
    total, seen = prefix[:, -1], got[rows, cols]
    bound = np.zeros(len(rows)) if expect.bound is None else expect.bound[rows, cols]

    def everywhere(candidate: Float64) -> bool:
        product = np.zeros(got.shape)
        product[rows, cols] = candidate
        stored = decode(encode(expect.finish(product)[rows, cols], expect.dtype), expect.dtype)
        return bool((np.abs(stored - seen) <= bound).all())

    for k1 in range(k - 1, 0, -1):
        if everywhere(prefix[:, k1]):
            lost = _terms(k - k1)
            return f"the sum stops early: the last {lost} never added, of K = {k} (k = {k1} ... {k - 1})"
    for k0 in range(1, k):
        if everywhere(total - prefix[:, k0]):
            if k0 <= k // 2:
                return f"the sum starts late: the first {_terms(k0)} never added, of K = {k}"
            left = _terms(k - k0)
            return f"only the last {left} left, of K = {k}: each tile of K overwrites C instead of adding to it"
    for k0 in range(k):
        term = prefix[:, k0 + 1] - prefix[:, k0]
        if everywhere(total - term):
            return f"the term k = {k0} of K = {k} is missing"
        if everywhere(total + term):
            return f"the term k = {k0} of K = {k} is added twice"
        if everywhere(term):
            return f"only the term k = {k0} is left: C is overwritten at every step of K, not added to"
    for k0 in range(1, k):
        if everywhere(total + (total - prefix[:, k0])):
            return f"the terms from k = {k0} on are added twice: the tiles of K overlap"
    return None


def _terms(count: int) -> str:
    return "term is" if count == 1 else f"{count} terms are"


def _too_short(expect: Matrix, got: Float64, wrong: Bool) -> str | None:
    """The values are near the right ones, but not right: the sum was kept in a shorter type; which one, if it shows."""
    right, seen = expect.value[wrong], got[wrong]
    if wrong.sum() < ENOUGH or not seen.any() or not (np.isfinite(right).all() and np.isfinite(seen).all()):
        return None
    if np.linalg.norm(seen - right) > NEAR * np.linalg.norm(right):
        return None
    for dtype in ("float16", "bfloat16", "float32"):
        if (_rounded(seen, dtype) == seen).all() and not (_rounded(right, dtype) == right).all():
            return f"every wrong value is a {dtype} number: the sum is kept in {dtype}"
    return "the values are near the right ones: the sum is kept in too few bits, or rounded on the way"


def _pattern(expect: Matrix, got: Float64, wrong: Bool) -> str:
    """No hypothesis fits: say what kind of values stand there, and where that usually comes from."""
    bad = got[wrong]
    if np.isfinite(expect.value[wrong]).all() and np.isnan(bad).all():
        masked = "a masked load has no `other`, " if expect.library == "torch" else ""
        return (f"NaN stands where a number should be: {masked}memory outside of the matrix was read (the gaps between "
                "rows hold NaN), or C was never written")  # fmt: skip
    if not np.isfinite(expect.value[wrong]).any() and np.isfinite(bad).any():
        return "NaN or infinity does not reach C: terms are skipped, or the compiler was told that NaN cannot occur"
    if (bad == 0).all() and wrong.all():
        return "C was never written: it still holds the zeros that it was made of"
    if (bad == 0).all() and np.isfinite(expect.value[wrong]).all():
        return f"these elements were never written: {_edge(wrong) or 'the loops or the grid do not reach them'}"
    if wrong.sum() < ENOUGH:
        return "too few elements are wrong here to name the mistake; a larger case that fails says more"
    edge = _edge(wrong)
    if edge:
        return edge
    return UNKNOWN


def _edge(wrong: Bool) -> str | None:
    """If the wrong elements are whole rows or columns at one end, say that a partial tile is the likely cause."""
    rows, cols = _lines(wrong)
    if not wrong[np.ix_(rows, cols)].all():
        return None
    words = []
    for name, line in (("row", rows), ("column", cols)):
        if line[-1] and line.sum() <= line.size / 2 and (np.diff(line.astype(int)) != 0).sum() == 1:
            words.append(f"the last {line.sum()} {name}s" if line.sum() > 1 else f"the last {name}")
    return f"{' and '.join(words)}: a remainder that the tiles do not cover, or cover wrongly" if words else None


def _region(wrong: Bool) -> str:
    if wrong.all():
        return "all of them"
    rows, cols = _lines(wrong)
    return f"{_span('row', rows)}, {_span('column', cols)}"


def _lines(wrong: Bool) -> tuple[Bool, Bool]:
    """Which rows, and which columns, hold a wrong element."""
    return np.asarray(wrong.any(axis=1)), np.asarray(wrong.any(axis=0))


def _span(name: str, line: Bool) -> str:
    if line.all():
        return f"all {name}s"
    places = np.nonzero(line)[0]
    if len(places) == 1:
        return f"{name} {places[0]}"
    return f"{name}s {places[0]} to {places[-1]}" + (
        "" if len(places) == np.ptp(places) + 1 else f" ({len(places)} of them)"
    )


def _numbers(expect: Matrix, got: Float64, wrong: Bool) -> str:
    where = tuple(int(axis[0]) for axis in np.nonzero(wrong))
    place = ", ".join(map(str, where))
    text = f"C[{place}] is {got[where]:.9g}, expected {expect.value[where]:.9g}"
    if expect.bound is not None and np.isfinite(expect.bound[where]):
        text += f" with an error of at most {expect.bound[where]:.2g}"
    return text


def _picture(wrong: Bool) -> tuple[str, ...]:
    """The map of wrong elements, each character standing for a block of equal size."""
    if wrong.ndim != 2 or min(wrong.shape) < 1 or wrong.size < 4 or wrong.all():
        return ()
    blocks = [-(-size // limit) for size, limit in zip(wrong.shape, MAP_CELLS, strict=True)]
    rows = []
    for i in range(0, wrong.shape[0], blocks[0]):
        cells = [wrong[i : i + blocks[0], j : j + blocks[1]] for j in range(0, wrong.shape[1], blocks[1])]
        rows.append("".join("#" if cell.all() else "+" if cell.any() else "." for cell in cells))
    scale = "" if blocks == [1, 1] else f"   (one character is {blocks[0]} x {blocks[1]} elements)"
    return (f"map of C, # wrong, . right{scale}", *rows)
