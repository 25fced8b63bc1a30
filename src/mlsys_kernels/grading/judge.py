"""Judge the answer to one call; the order of checks is fixed and the first mistake is the verdict.

Type, shape, dtype, shared memory, operands unchanged, values. Everything here happens in the judge's own process, on
bytes that the worker can no longer change.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlsys_kernels.course.problems.operands import decode
from mlsys_kernels.course.spec import Answer, Call, Judged, Large, Matrix, Mistake, Operand
from mlsys_kernels.grading import compare, explain, freivalds
from mlsys_kernels.grading.answers import Returned


@dataclass(frozen=True)
class Answered:
    """What came back from one call: the value, and which array arguments it shares memory with or has changed.

    `reused`: it lies in the memory of an earlier answer. `overrun` holds the arguments around which memory was written.
    `launches` counts the Triton kernels that were launched; None where that is not known. `undefined` is the line of a
    load whose masked lanes hold anything. `loaded` and `stored` count the elements that kernels have moved.
    """

    value: Any
    aliased: tuple[int, ...] = ()
    reused: bool = False
    mutated: tuple[int, ...] = ()
    overrun: tuple[int, ...] = ()
    launches: int | None = None
    undefined: int | None = None
    loaded: int | None = None
    stored: int | None = None


@dataclass(frozen=True)
class Finding:
    """A mistake in an answer; `word` is the cause in one word, `picture` a map of the wrong elements."""

    word: str
    mistake: Mistake
    picture: tuple[str, ...] = ()


def judge(
    call: Call, answer: Answered, earlier: Sequence[tuple[Call, Returned]], *, launches: bool = True
) -> Finding | None:
    """The first mistake in the answer to `call`, or None.

    `earlier` holds the calls of the case before this one, with their answers. `launches`: a torch result must come from
    a Triton kernel.
    """
    with np.errstate(all="ignore"):  # any bits may come back, and a gym may turn NumPy's warnings into errors
        found = _of_call(call, answer, earlier)
        if found is None and launches and _without_kernel(call, answer):
            found = Finding("policy", explain.no_kernel() if answer.launches == 0 else explain.idle_kernel())
        return found


def _of_call(call: Call, answer: Answered, earlier: Sequence[tuple[Call, Returned]]) -> Finding | None:
    expect = call.expect
    if not isinstance(expect, Matrix | Large):
        mistake = _of_value(expect, answer.value)
        if mistake is None:
            return None
        return Finding("wrong-result", replace(mistake, name=mistake.name or "wrong-answer"))
    wrong_kind = compare.wrong_kind(expect, answer.value)
    if wrong_kind:
        return Finding("contract", wrong_kind)
    if answer.aliased:
        return Finding("aliasing", explain.aliased(list(answer.aliased)))
    if answer.reused:
        return Finding("aliasing", explain.reused())
    if answer.overrun:
        return Finding("out-of-bounds", explain.overrun(list(answer.overrun)))
    if answer.mutated:
        return Finding("mutates-input", explain.mutated(list(answer.mutated)))
    if isinstance(expect, Large):
        c = decode(answer.value.data, expect.dtype)
        # The worker's answer is a copy by now; only now is it known what it is multiplied with.
        rng = np.random.default_rng(int.from_bytes(os.urandom(16), "big"))
        if not freivalds.wrong_rows(expect.a, expect.b, c, rng).any():
            return None
        expect = expect.matrix()
    calls, previous = [old for old, _ in earlier], [value for _, value in earlier]
    diagnosis = compare.wrong_values(call, expect, answer.value, previous, calls)
    if diagnosis is None:
        return None
    got = decode(answer.value.data, expect.dtype)
    if answer.undefined is not None and (np.isnan(got) & np.isfinite(expect.value)).any():
        return Finding("undefined-load", explain.undefined(diagnosis.mistake, answer.undefined), diagnosis.picture)
    return Finding(diagnosis.word, diagnosis.mistake, diagnosis.picture)


def _without_kernel(call: Call, answer: Answered) -> bool:
    """Whether a result that is not empty came about without a Triton kernel, or with one that cannot have made it.

    Any kernel that computes the result loads every element of every operand at least once, and stores every element of
    a result that large.
    """
    expect = call.expect
    if not isinstance(expect, Matrix | Large) or expect.library != "torch":
        return False
    operands = [int(np.prod(arg.shape)) for arg in call.args if isinstance(arg, Operand)]
    if min(operands, default=0) == 0:
        return False
    if answer.launches == 0:
        return True
    if answer.loaded is None or answer.stored is None:
        return False
    return answer.loaded < sum(operands) or answer.stored < int(np.prod(expect.shape))


def _of_value(expect: Answer | Judged, value: Any) -> Mistake | None:
    return compare.wrong_answer(expect, value) if isinstance(expect, Answer) else expect.check(value)
