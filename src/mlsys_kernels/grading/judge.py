"""Judge the answers to the calls of one case; the order of checks is fixed and the first mistake is the verdict.

Type, shape, dtype, shared memory, operands unchanged, values. Everything here happens in the judge's own process, on
bytes that the worker can no longer change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlsys_kernels.course.spec import Answer, Call, Judged, Matrix, Mistake
from mlsys_kernels.grading import compare, explain, wire


@dataclass(frozen=True)
class Answered:
    """What the worker sent for one call: the value, and which array arguments it shares memory with or has changed.

    `launches` counts the Triton kernels that were launched; None where that is not known.
    """

    value: Any
    aliased: list[int]
    mutated: list[int]
    launches: int | None


@dataclass(frozen=True)
class Finding:
    """A mistake in the answer to `call`; `word` is the cause in one word, `picture` a map of the wrong elements."""

    call: Call
    word: str
    mistake: Mistake
    picture: tuple[str, ...] = ()


def read_answers(message: dict[str, Any], buffers: list[bytearray], count: int) -> list[Answered]:
    """Take the worker's reply to `count` calls apart.

    Raises:
        FrameError: the reply does not make sense.
    """
    try:
        answers = [
            Answered(
                wire.unpack_value(result["value"], buffers),
                list(result["aliased"]),
                list(result["mutated"]),
                result["launches"],
            )
            for result in message["results"]
        ]
    except (KeyError, TypeError) as error:
        raise wire.FrameError("bad reply") from error
    if len(answers) != count:
        raise wire.FrameError("not every call was answered")
    return answers


def judge(calls: Sequence[Call], answers: Sequence[Answered], *, reused: bool, launches: bool = True) -> Finding | None:
    """The first mistake, or None.

    `reused`: two calls returned the same memory. `launches`: a torch result must come from a Triton kernel.
    """
    previous: list[wire.Returned] = []
    with np.errstate(all="ignore"):  # any bits may come back, and a gym may turn NumPy's warnings into errors
        for call, answer in zip(calls, answers, strict=True):
            found = _of_call(call, answer, previous, reused=reused)
            if found is None and launches and _without_kernel(call, answer):
                found = Finding(call, "policy", explain.no_kernel())
            if found is not None:
                return found
            if isinstance(answer.value, wire.Returned):
                previous.append(answer.value)
    return None


def _of_call(call: Call, answer: Answered, previous: list[wire.Returned], *, reused: bool) -> Finding | None:
    expect = call.expect
    if not isinstance(expect, Matrix):
        mistake = _of_value(expect, answer.value)
        return Finding(call, "wrong-result", mistake) if mistake else None
    wrong_kind = compare.wrong_kind(expect, answer.value)
    if wrong_kind:
        return Finding(call, "contract", wrong_kind)
    if answer.aliased:
        return Finding(call, "aliasing", explain.aliased(answer.aliased))
    if reused:
        return Finding(call, "aliasing", explain.reused())
    if answer.mutated:
        return Finding(call, "mutates-input", explain.mutated(answer.mutated))
    diagnosis = compare.wrong_values(call, expect, answer.value, previous)
    return Finding(call, diagnosis.word, diagnosis.mistake, diagnosis.picture) if diagnosis else None


def _without_kernel(call: Call, answer: Answered) -> bool:
    """Whether a product that is not empty came about without any Triton kernel."""
    expect = call.expect
    if not isinstance(expect, Matrix) or expect.library != "torch":
        return False
    return answer.launches == 0 and min(expect.a.size, expect.b.size) > 0


def _of_value(expect: Answer | Judged, value: Any) -> Mistake | None:
    return compare.wrong_answer(expect, value) if isinstance(expect, Answer) else expect.check(value)
