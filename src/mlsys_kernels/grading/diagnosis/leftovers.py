"""What C would be if something were left over from an earlier call: its answer, an operand, the padding of a buffer."""

from collections.abc import Iterator

import numpy as np

from mlsys_kernels.course.spec import Matrix
from mlsys_kernels.grading.diagnosis.evidence import Evidence, Float64, Suspect


def from_earlier_calls(evidence: Evidence) -> Iterator[Suspect]:
    """Something is left over from a call before this one: its answer, a sum, an operand, a padding."""
    expect, shape = evidence.expect, evidence.got.shape
    a, b = expect.a, expect.b
    for call, answer in reversed(evidence.earlier):
        for old in _same_memory(answer, shape):
            kept = "it is the answer to the previous call: something is kept between calls"
            if not evidence.whole:
                kept = "these elements are those of the previous call's answer: its memory is used again, not filled"
            yield Suspect("previous-answer", kept, old)
            yield Suspect(
                "adds-to-previous-answer",
                "it is this product plus the previous call's answer: the sum does not begin at zero, because C is not "
                "initialised or its memory is kept between calls",
                expect.finish(a @ b + old),
            )
        if call is None or not isinstance(call.expect, Matrix):
            continue
        old_a, old_b = call.expect.a, call.expect.b
        if old_b.shape == b.shape:
            yield Suspect("previous-operand", "it is this A times the B of the previous call: something made of B is "
                          "kept between calls", evidence.finished(a, old_b))  # fmt: skip
        if old_a.shape == a.shape:
            yield Suspect("previous-operand", "it is the A of the previous call times this B: something made of A is "
                          "kept between calls", evidence.finished(old_a, b))  # fmt: skip
        yield from _old_padding(evidence, old_a, old_b)


def _old_padding(evidence: Evidence, old_a: Float64, old_b: Float64) -> Iterator[Suspect]:
    """Behind the terms of this call, buffers still hold those of a longer one, and some of them are added."""
    k, (m, n), (rows, cols) = evidence.terms, evidence.got.shape, evidence.sample
    a, b = evidence.expect.a, evidence.expect.b
    if old_a.shape[1] <= k or old_a.shape[0] < m or old_b.shape[1] < n or not len(rows):
        return
    right = (a @ b)[rows, cols]
    for first in range(old_a.shape[0] - m + 1):  # a buffer for a block of rows holds the last block
        extra = np.cumsum(old_a[first + rows, k:] * old_b[k:, cols].T, axis=1).T
        for i in np.flatnonzero(evidence.agrees(right + extra))[:1]:
            end = k + int(i) + 1
            c = evidence.expect.finish(a @ b + old_a[first : first + m, k:end] @ old_b[k:end, :n])
            some = f"the term k = {k}" if end == k + 1 else f"terms k = {k} ... {end - 1}"
            cause = (f"{some} of the previous call {'is' if end == k + 1 else 'are'} added, where K is {k} now: the "
                     "padding of a buffer that is kept between calls still holds its values")  # fmt: skip
            yield Suspect("stale-padding", cause, c)


def _same_memory(answer: Float64, shape: tuple[int, ...]) -> Iterator[Float64]:
    """An earlier answer as a later, smaller one of `shape` would find it: in the corner of a workspace, or flat."""
    m, n = shape
    if answer.ndim == 2 and answer.shape[0] >= m and answer.shape[1] >= n:
        yield answer[:m, :n]
    if answer.ndim == 2 and answer.shape != shape and answer.size >= m * n:
        yield answer.ravel()[: m * n].reshape(m, n)
