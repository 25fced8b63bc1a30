"""Name the mistake behind wrong elements, from the structure of the error and never from the source text.

Each suspect says what C would be if one particular mistake had been made. The first one that reproduces *every* wrong
element is the diagnosis. If none does, the pattern of the wrong elements is described; if that says nothing either,
the name is "unknown" and no cause is invented.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlsys_kernels.course.problems.operands import decode
from mlsys_kernels.course.spec import Call, Matrix, Mistake
from mlsys_kernels.grading.answers import Returned
from mlsys_kernels.grading.diagnosis.addresses import misread
from mlsys_kernels.grading.diagnosis.epilogue import epilogue
from mlsys_kernels.grading.diagnosis.evidence import ENOUGH, Bool, Evidence, Float64, Suspect, first_that_fits
from mlsys_kernels.grading.diagnosis.hypotheses import hypotheses
from mlsys_kernels.grading.diagnosis.leftovers import from_earlier_calls
from mlsys_kernels.grading.diagnosis.names import LOST_BITS
from mlsys_kernels.grading.diagnosis.partial_sums import partial_sums
from mlsys_kernels.grading.diagnosis.pattern import pattern, picture, region
from mlsys_kernels.grading.diagnosis.placement import misplaced
from mlsys_kernels.grading.diagnosis.precision import precision, too_short


@dataclass(frozen=True)
class Diagnosis:
    """The mistake, and a map of the wrong elements (# wrong, + some wrong, . right), one string per row.

    `word` is the cause in one word: wrong-result, precision or nonfinite. `mistake.name` is the name of the cause.
    """

    mistake: Mistake
    picture: tuple[str, ...]
    word: str

    @property
    def name(self) -> str:
        """The name of the cause, a key of `diagnosis.names.NAMES`."""
        return self.mistake.name


def diagnose(
    call: Call,
    expect: Matrix,
    value: Returned,
    wrong: Bool,
    previous: Sequence[Returned],
    calls: Sequence[Call] = (),
    repeats: Sequence[Returned] = (),
) -> Diagnosis:
    """Explain the elements of `value` marked in `wrong`.

    Args:
        call: the call that was answered.
        expect: what it should have answered.
        value: what came back, of the right shape and dtype.
        wrong: which elements are wrong.
        previous: the answers to the earlier calls of the case, oldest first.
        calls: those calls, as many as `previous`, or none.
        repeats: what came back when the very same call was made again.
    """
    got = decode(value.data, expect.dtype)
    known = calls or (None,) * len(previous)
    earlier = tuple(
        (old, decode(answer.data, expect.dtype))
        for old, answer in zip(known, previous, strict=True)
        if answer.dtype == expect.dtype
    )
    evidence = Evidence(call, expect, got, wrong, earlier)
    with np.errstate(all="ignore"):
        name, cause = _named(evidence, repeats)
    what = f"{wrong.sum():,} of {wrong.size:,} elements are wrong: {region(wrong)}"
    word = "precision" if name in LOST_BITS else "wrong-result"
    if np.isnan(expect.value).any() or np.isinf(expect.value).any():
        word = "nonfinite"
    return Diagnosis(Mistake(what, _numbers(expect, got, wrong), cause, name), picture(wrong), word)


def _named(evidence: Evidence, repeats: Sequence[Returned]) -> tuple[str, str]:
    """Name and cause."""
    got, wrong = evidence.got, evidence.wrong
    if wrong.sum() >= ENOUGH and got[wrong].any():  # zeros agree with too many suspects
        found = first_that_fits(_suspects(evidence), evidence)
        if found is not None:
            return found.name, found.cause
    changed = _changed(evidence, repeats)
    if changed:
        return "differs-from-run-to-run", (
            f"the same call gave another C: {changed:,} of {got.size:,} elements differ from one run to the next. Two "
            "threads or programs write the same place, or memory is read before it is written"
        )
    return too_short(evidence) or pattern(evidence)


def _suspects(evidence: Evidence) -> Iterator[Suspect]:
    """All of them, the most specific first."""
    yield from from_earlier_calls(evidence)
    yield from precision(evidence)
    yield from misread(evidence)
    yield from epilogue(evidence)
    yield from hypotheses(evidence)
    yield from partial_sums(evidence)
    yield from misplaced(evidence)


def _changed(evidence: Evidence, repeats: Sequence[Returned]) -> int:
    """In how many elements a repeated call differs."""
    changed = np.zeros(evidence.got.shape, bool)
    for repeat in repeats:
        if repeat.shape == evidence.got.shape and repeat.dtype == evidence.expect.dtype:
            again = decode(repeat.data, evidence.expect.dtype)
            changed |= (again != evidence.got) & ~(np.isnan(again) & np.isnan(evidence.got))
    return int(changed.sum())


def _numbers(expect: Matrix, got: Float64, wrong: Bool) -> str:
    where = tuple(int(axis[0]) for axis in np.nonzero(wrong))
    place = ", ".join(map(str, where))
    text = f"C[{place}] is {got[where]:.9g}, expected {expect.value[where]:.9g}"
    if expect.bound is not None and np.isfinite(expect.bound[where]):
        text += f" with an error of at most {expect.bound[where]:.2g}"
    return text
