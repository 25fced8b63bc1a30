"""Where the wrong elements are and what stands there: described, and named only where the pattern speaks for itself."""

import numpy as np

from mlsys_kernels.course.problems.operands import decode
from mlsys_kernels.course.spec import Operand, unchanged
from mlsys_kernels.grading.diagnosis.evidence import DIFFERENT, ENOUGH, Bool, Evidence, Float64

MAP_CELLS = (12, 48)
"""Rows and columns of the map of wrong elements."""
UNKNOWN = "no known mistake gives these values; look at the map for the rows and columns that go wrong"
TINY = 2.0**-12
"""Right values that are all below this may have been cut off as if they were zero."""
MOSTLY = 0.9
"""Share of a region from which it counts as wrong; single elements may come out right by chance."""
HALF_ENDS = 65504.0
"""The largest float16."""
BEYOND = 1e4
"""How many times the largest possible result a value must be to count as no result at all."""


def pattern(evidence: Evidence) -> tuple[str, str]:
    """Name and cause from the kind of values and their places; "unknown" if they say nothing."""
    wrong, right = evidence.wrong, evidence.expect.value[evidence.wrong]
    bad = evidence.got[wrong]
    finite = bool(np.isfinite(right).all())
    if not np.isfinite(right).any() and (bad == 0).all() and bad.size >= ENOUGH:
        return "nan-hidden", "NaN or infinity does not reach C: 0 stands in its place, as if it had been replaced"
    if not np.isfinite(right).any() and np.isfinite(bad).any():
        cause = "NaN or infinity does not reach C: terms are skipped, or the compiler was told that NaN cannot occur"
        return "nan-skipped", cause
    if finite and np.isnan(bad).all():
        return _nan(evidence)
    behind = _behind_the_row(wrong) if finite else None
    if behind:
        return "stored-past-the-row", behind
    if (bad == 0).all():
        return _zeros(evidence, right)
    garbage = _garbage(evidence, bad) if finite else None
    if garbage:
        return garbage
    if wrong.sum() < ENOUGH:
        return _left_over(
            evidence, "too few elements are wrong here to name the mistake; a larger case that fails says more"
        )
    if finite:
        named = _no_results(evidence, right, bad)
        if named:
            return named
    edge = _edge(wrong)
    if edge:
        return "remainder", edge
    return _left_over(evidence, UNKNOWN)


def _left_over(evidence: Evidence, otherwise: str) -> tuple[str, str]:
    """If earlier calls of the same shape were right, what has changed since is memory; else no cause is named."""
    right = sum(answer.shape == evidence.got.shape for _, answer in evidence.earlier)
    if right >= DIFFERENT:
        return "not-initialised", (
            f"{right} earlier calls of the same shape were right: this one used memory that is not initialised, or "
            "that is kept between calls"
        )
    if right:
        otherwise += ". An earlier call of the same shape was right: is some memory not initialised, or kept?"
    return "unknown", otherwise


def _nan(evidence: Evidence) -> tuple[str, str]:
    """Where NaN can have come from: memory that nobody wrote, what a mask leaves open, the gaps of a window."""
    sources = []
    if evidence.expect.library == "torch":  # where torch.empty holds NaN while a file is graded
        where = _exchanged_bound(evidence) or _edge(evidence.wrong) or _stride(evidence.wrong)
        if where:
            return "never-written", f"NaN stands where nothing was stored; these elements were never written: {where}"
        sources.append("a masked load has no `other`")
    gaps = [name for name, arg in zip("AB", evidence.operands, strict=False) if np.isnan(_stored(arg)).any()]
    if gaps:
        rows = " and ".join(gaps)
        sources.append(f"the strides of {rows} are ignored or its rows read past their end (only its gaps hold NaN)")
    else:
        sources.append("memory outside of the matrix was read")
    if max(np.abs(evidence.expect.a).max(initial=0), np.abs(evidence.expect.b).max(initial=0)) > HALF_ENDS:
        sources.append("an operand passes through float16, which ends at 65,504")
    return "nan-appears", f"NaN stands where a number should be: {', '.join(sources)}, or C was never written"


def _stored(arg: Operand) -> Float64:
    return decode(arg.buffer, arg.dtype)


def _zeros(evidence: Evidence, right: Float64) -> tuple[str, str]:
    wrong, value = evidence.wrong, evidence.expect.value
    largest = float(np.abs(right[np.isfinite(right)]).max(initial=0.0))
    if evidence.terms == 0 and evidence.expect.finish is not unchanged:
        return "epilogue-missing", "the bias is missing: for K = 0 the product is zero, but what follows it is not"
    if wrong.all() and largest < TINY:
        return (
            "tiny-flushed",
            f"all results are tiny (at most {largest:.2g}) and came out as zero: too few exponent bits",
        )
    if wrong.all():
        return (
            "never-written",
            "C was never written, or no term was added: it holds the zeros that it was made of",
        )
    kept = np.abs(value[~wrong & (evidence.got != 0)])
    if wrong.sum() >= ENOUGH and len(kept) >= ENOUGH and largest < kept.min():
        return "tiny-flushed", f"results below {kept.min():.3g} are cut off as if they were zero"
    where = _exchanged_bound(evidence) or _edge(wrong) or _stride(wrong)
    if not where and wrong.sum() < ENOUGH:
        return _left_over(evidence, "too few elements are zero here to name the mistake; a larger case says more")
    return "never-written", f"these elements were never written: {where or 'the loops or the grid do not reach them'}"


def _exchanged_bound(evidence: Evidence) -> str | None:
    """If the written part ends where another axis does, say which bound was taken for which."""
    m, n = evidence.wrong.shape
    sizes = (("M", m), ("N", n), ("K", evidence.terms))
    for word, axis, name, size in (("row", 0, "M", m), ("column", 1, "N", n)):
        line = np.asarray(evidence.wrong.all(axis=1 - axis))
        start = int(np.argmax(line))
        if evidence.wrong.sum() == line.sum() * evidence.wrong.shape[1 - axis] and line[start:].all():
            for other, end in sizes:
                if other != name and end == start and 0 < start < size:
                    mask = ": a mask or the grid uses" if evidence.expect.library == "torch" else ": a loop uses"
                    return f"the {word}s end at {start}, which is {other}, where {name} is {size}{mask} the wrong size"
    return None


def _stride(wrong: Bool) -> str | None:
    """If every few rows or columns are missing, say how many."""
    for word, line in zip(("row", "column"), _lines(wrong), strict=True):
        places = np.flatnonzero(line)
        steps = np.diff(places)
        whole = wrong.sum() == len(places) * wrong.shape[1 if word == "row" else 0]
        if whole and len(places) >= DIFFERENT and steps.min() == steps.max() > 1:
            return f"every {steps[0]}th {word}, from {word} {places[0]} on, is left out: the step of a loop is too long"
    return None


def _no_results(evidence: Evidence, right: Float64, bad: Float64) -> tuple[str, str] | None:
    """Values that cannot come from these operands at all: infinity, or memory that nobody has written."""
    if np.isinf(bad).all() and np.isfinite(evidence.expect.value).all():
        return "overflow", (
            f"infinity stands where numbers of up to {np.abs(right).max():.3g} belong: a type that ends earlier "
            "(float16 at 65,504) holds the sum or an operand"
        )
    values = np.unique(bad)
    if len(values) == 1 and bad.size >= ENOUGH and len(np.unique(right)) >= DIFFERENT:
        text = f"one value, {values[0]:.6g}, stands in all {bad.size:,} wrong elements"
        if evidence.wrong.any(axis=1).sum() > 1 or evidence.wrong.any(axis=0).sum() > 1:
            return "not-initialised", f"{text}: C is not initialised, and no sum was stored there"
    return None


def _garbage(evidence: Evidence, bad: Float64) -> tuple[str, str] | None:
    """Values that are larger than any sum of these products; even one of them tells."""
    largest = np.abs(evidence.expect.a).max(initial=0) * np.abs(evidence.expect.b).max(initial=0) * evidence.terms
    largest = max(largest, float(np.abs(evidence.expect.value).max(initial=0)))  # a bias is no product
    beyond = np.isfinite(bad) & (np.abs(bad) > BEYOND * max(largest, 1e-30))
    if not beyond.any() or (largest == 0 and len(np.unique(bad)) < DIFFERENT):
        return None
    text = (f"the values are garbage: {bad[beyond][0]:.3g} stands there, and no result is larger than {largest:.3g} "
            "here. Memory is read that is not initialised (np.empty and torch.empty leave it as it was), or "
            "lies outside of an array")  # fmt: skip
    edge = _edge(evidence.wrong)
    return "not-initialised", f"{edge}; {text}" if edge else text


def _behind_the_row(wrong: Bool) -> str | None:
    """If all rows but the first are wrong at their start, say what lies there: what is stored behind the row above."""
    m, n = wrong.shape
    rows, cols = _lines(wrong)
    width = int(cols.sum())
    whole = wrong[1:, :width].mean() > MOSTLY if m > ENOUGH and 2 * width < n else False
    if not whole or rows[0] or not cols[:width].all():
        return None
    return (f"the first {width} columns are wrong in all rows but the first: the last tile of columns is stored "
            f"{width} past the end of each row, which is the start of the next one")  # fmt: skip


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


def region(wrong: Bool) -> str:
    """Rows and columns of the wrong elements, in words."""
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


def picture(wrong: Bool) -> tuple[str, ...]:
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
