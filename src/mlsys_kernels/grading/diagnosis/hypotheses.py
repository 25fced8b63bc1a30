"""What C would be if one particular mistake had been made in the product as a whole."""

from collections.abc import Iterator

import numpy as np

from mlsys_kernels.course.spec import unchanged
from mlsys_kernels.grading.diagnosis.evidence import ENOUGH, Evidence, Float64, Suspect, summing, ulp

FACTORS = {2.0: "twice", -1.0: "minus", 0.5: "half of"}
OFTEN = 64
"""Times that an element may have been added at most, to be named."""
SUMMED = 1e-4
"""Error, relative to the largest product and the root of their number, of sums that run on over many tiles."""
ULPS = 4
"""Roundings by which a multiple of C may be off."""


def hypotheses(evidence: Evidence) -> Iterator[Suspect]:
    """What C would be, the most specific mistake first."""
    if not np.isfinite(evidence.expect.value).all():
        yield from _nonfinite(evidence)
    yield from _exchanged(evidence)
    yield from _other_operations(evidence)
    yield from _sum_runs_on(evidence)
    yield from _block_runs_on(evidence)
    yield from _several_times(evidence)


def _exchanged(evidence: Evidence) -> Iterator[Suspect]:
    """Operands or C transposed or exchanged, where the shapes allow it."""
    a, b = evidence.expect.a, evidence.expect.b
    if b.shape[0] == b.shape[1]:
        yield Suspect("transposed-b", "B is read as its transpose: b[j, k] where b[k, j] is meant",
                      evidence.finished(a, b.T))  # fmt: skip
    if a.shape[0] == a.shape[1]:
        yield Suspect("transposed-a", "A is read as its transpose: a[k, i] where a[i, k] is meant",
                      evidence.finished(a.T, b))  # fmt: skip
    # A copy has one matrix: there, reshaping it and ignoring the strides of C give the same.
    for letter, x in (("A", a), ("B", b)) if len(evidence.operands) > 1 else ():
        reshaped = x.reshape(x.shape[::-1]).T
        cause = f"{letter} is reshaped, where it should be transposed: its elements keep their order in memory"
        pair = (reshaped, b) if letter == "A" else (a, reshaped)
        yield Suspect("reshaped-not-transposed", cause, evidence.finished(*pair))
    m, n = evidence.got.shape
    if m == n:
        yield Suspect("transposed-c", "rows and columns of C are exchanged", evidence.expect.value.T)
    else:
        yield Suspect("transposed-c", "C is filled column by column, as if it were its transpose",
                      evidence.expect.value.T.reshape(m, n))  # fmt: skip
        yield Suspect("strides-ignored", "the strides of C are ignored: its columns lie one after the other, and it is "
                      "stored as if its rows did", evidence.expect.value.reshape(n, m).T)  # fmt: skip
    if a.shape == b.shape and a.shape[0] == a.shape[1]:
        yield Suspect("exchanged-operands", "the operands are exchanged: this is B A", evidence.finished(b, a))
        yield Suspect("transposed-a", "both operands are read as their transposes", evidence.finished(a.T, b.T))
        yield Suspect("operand-unused", "B is not used: this is A A", evidence.finished(a, a))
        yield Suspect("operand-unused", "A is not used: this is B B", evidence.finished(b, b))


def _other_operations(evidence: Evidence) -> Iterator[Suspect]:
    """Another operation than the product, or the product and one operation too many."""
    a, b, finish = evidence.expect.a, evidence.expect.b, evidence.expect.finish
    shape = evidence.got.shape
    for name, x in (("A", a), ("B", b)):
        if x.shape == shape:
            yield Suspect("operand-unused", f"it is {name} itself", finish(x.copy()))
    if a.shape == b.shape == shape:
        yield Suspect("elementwise", "it is A times B element by element, not the product of matrices", finish(a * b))
        yield Suspect("elementwise", "it is A + B element by element", finish(a + b))
    total = a.sum(axis=1)[:, None] + b.sum(axis=0)[None, :]
    yield Suspect("elementwise", "the elements of A and B are added where they should be multiplied", finish(total))
    yield Suspect("absolute-values", "the signs are lost: it is |C|", np.abs(evidence.expect.value))
    yield Suspect("absolute-values", "the signs are lost: it is |A| |B|", evidence.finished(np.abs(a), np.abs(b)))
    for name, x, y in (("A", np.abs(a), b), ("B", a, np.abs(b))):
        yield Suspect("absolute-values", f"the signs of {name} are lost", evidence.finished(x, y))
    product = a @ b
    if finish is unchanged:
        factor = _factor(evidence, product)
        if factor is not None:
            name = "tiles-of-c-overlap" if factor == 2.0 and not evidence.whole else "scaled"
            yield Suspect(name, _in_words(factor, evidence), factor * product,
                          slack=ULPS * ulp(evidence) * np.abs(factor * product))  # fmt: skip
        offset = evidence.got[evidence.wrong] - product[evidence.wrong]
        if np.isfinite(offset).all() and len(np.unique(offset)) == 1:
            cause = f"every wrong element is the right one plus {offset[0]:.6g}: the sum does not begin at zero"
            if evidence.expect.library == "torch" and float(offset[0]).is_integer():
                cause += ", or the lanes that a mask switches off hold ones: look at `other`"
            yield Suspect("constant-offset", cause, product + offset[0])
    else:
        for factor, word in FACTORS.items():
            yield Suspect("scaled", f"it is {word} the right product, before what follows it", finish(factor * product))


def _factor(evidence: Evidence, product: Float64) -> float | None:
    """By what the right values are multiplied, if it is one number; a power of two, 1/K and the like are made exact."""
    right, seen = product[evidence.wrong], evidence.got[evidence.wrong]
    usable = (right != 0) & np.isfinite(right) & np.isfinite(seen)
    if usable.sum() < ENOUGH:
        return None
    ratios = seen[usable] / right[usable]
    factor = float(np.median(ratios))
    if factor == 0 or not np.isfinite(factor) or abs(factor - 1) < 0.01:
        return None
    sizes = {float(size) for size in (*evidence.got.shape, evidence.terms) if size > 1}
    exact = [2.0, 3.0, 4.0, 0.5, -1.0, *sizes, *(1 / size for size in sizes), *(size**-0.5 for size in sizes)]
    return next((value for value in exact if abs(factor / value - 1) < 1e-3), factor)


def _in_words(factor: float, evidence: Evidence) -> str:
    m, n = evidence.got.shape
    if factor == 2.0:
        if evidence.whole:
            return "everything is added twice: it is 2 times the right product"
        return "these elements are added twice: tiles of rows or columns overlap"
    if factor == -1.0:
        return "the sign is wrong: it is -1 times the right product"
    if factor == 0.5:
        return "it is half of C: it is 0.5 times the right product"
    for size, name in ((evidence.terms, "K"), (m, "M"), (n, "N")):
        for power, words in ((1.0, f"{name} times C"), (-1.0, f"C divided by {name}"),
                             (-0.5, f"C divided by the root of {name}")):  # fmt: skip
            if factor == float(size) ** power:
                return f"it is {words}, {factor:.6g} times the right product"
    return f"it is {factor:.6g} times the right product"


def _sum_runs_on(evidence: Evidence) -> Iterator[Suspect]:
    """The accumulator is set to zero too rarely: the element computed before is still in it."""
    got, product = evidence.got, evidence.expect.a @ evidence.expect.b
    slack = (summing(evidence) + ulp(evidence)) * np.abs(got)
    for axis, before in ((1, "to its left"), (0, "above it")):
        c = product.copy()
        if axis:
            c[:, 1:] += got[:, :-1]
        else:
            c[1:] += got[:-1]
        cause = f"every wrong element is its own sum plus the element {before}: the sum is not reset to zero in between"
        yield Suspect("sum-not-reset", cause, evidence.expect.finish(c), slack=slack)
    flat = product.ravel().copy()
    flat[1:] += got.ravel()[:-1]
    yield Suspect("sum-not-reset", "every element also holds all those before it: the sum is not reset to zero at all",
                  evidence.expect.finish(flat.reshape(got.shape)), slack=slack)  # fmt: skip


def _block_runs_on(evidence: Evidence) -> Iterator[Suspect]:
    """A block of sums is not set to zero between two tiles of C: each tile also holds all tiles before it."""
    got, wrong, product = evidence.got, evidence.wrong, evidence.expect.a @ evidence.expect.b
    m, n = got.shape
    first = np.flatnonzero(wrong[0])
    if not len(first) or evidence.expect.finish is not unchanged:
        return
    width = int(first[0])
    below = np.flatnonzero(wrong[:, 0])
    height = int(below[0]) if len(below) else m
    if width == 0 or height == 0:
        return
    near = SUMMED * float(np.abs(product).max()) * (m / height * n / width) ** 0.5
    if not (np.abs(got[0, first] - product[0, first] - got[0, first - width]) <= near).all():
        return
    for rows, cols in ((m, n), (m // height * height, n // width * width)):
        c, known, block = product.copy(), np.zeros((m, n), bool), np.zeros((height, width))
        for i in range(0, rows, height):
            for j in range(0, cols, width):
                tile = product[i : i + height, j : j + width]
                block[: tile.shape[0], : tile.shape[1]] += tile
                c[i : i + height, j : j + width] = block[: tile.shape[0], : tile.shape[1]]
                known[i : i + height, j : j + width] = True
        cause = (f"every tile of C ({height} x {width}) also holds the sums of the tiles before it: the block of sums "
                 "is not reset to zero in between")  # fmt: skip
        yield Suspect("sum-not-reset", cause, c, known, slack=near)


def _several_times(evidence: Evidence) -> Iterator[Suspect]:
    """Every wrong element is a whole number of times the right one, some more often than others."""
    if evidence.expect.bound is not None or evidence.expect.finish is not unchanged:
        return
    right = evidence.expect.value
    times = np.rint(np.where(evidence.wrong & (right != 0), evidence.got / np.where(right == 0, 1, right), 1))
    most, least = times[evidence.wrong].max(initial=0), times[evidence.wrong].min(initial=0)
    if not (least >= 0 and 2 <= most <= OFTEN):
        return
    often = "are added twice" if most == 2 else f"are added more than once, up to {most:.0f} times"
    cause = (f"elements {often}: tiles of rows or columns overlap, and each adds its sum to "
             "what is there already")  # fmt: skip
    yield Suspect("tiles-of-c-overlap", cause, times * right, slack=ULPS * ulp(evidence) * np.abs(times * right))


def _nonfinite(evidence: Evidence) -> Iterator[Suspect]:
    """Terms that are left out where NaN and infinity make it visible."""
    a, b, finish = evidence.expect.a, evidence.expect.b, evidence.expect.finish
    begin = "NaN or infinity does not reach C: terms are skipped"
    for names, skip_a, skip_b in (("A", True, False), ("B", False, True), ("A or B", True, True)):
        c = np.zeros(evidence.got.shape)
        for k in range(evidence.terms):
            term = np.multiply.outer(a[:, k], b[k])
            if skip_a:
                term[a[:, k] == 0] = 0
            if skip_b:
                term[:, b[k] == 0] = 0
            c += term
        cause = f"{begin} where {names} is 0, but 0 times infinity is NaN"
        yield Suspect("zeros-skipped", cause, finish(c))
    hidden = "NaN or infinity does not reach C: they are replaced by"
    value = evidence.expect.value
    yield Suspect("nan-hidden", f"{hidden} 0 in A and B",
                  finish(np.where(np.isfinite(a), a, 0.0) @ np.where(np.isfinite(b), b, 0.0)))  # fmt: skip
    yield Suspect("nan-hidden", f"{hidden} 0, or terms are skipped: NaN alone turns into 0",
                  np.where(np.isnan(value), 0.0, value))  # fmt: skip
