"""Turn what went wrong around the values into messages: exceptions, functions that cannot be called, dead workers."""

from dataclasses import replace
from typing import Any

from mlsys_kernels.course.spec import Mistake
from mlsys_kernels.grading.causes import fault_word
from mlsys_kernels.grading.sandbox import Died
from mlsys_kernels.grading.verdict import Message, printable

_NAMES = ("the first argument (a)", "the second argument (b)", "the third argument")


def raised(where: str, error: dict[str, Any], again: str) -> Message:
    """An exception from the learner's code, with the lines of their own file that led to it."""
    trace = tuple(printable(f"line {line}, in {name}:  {text}")[:200] for line, name, text in error["frames"])
    text, kind = printable(error["message"]).strip(), printable(error["type"])
    if "nopython" in text.split("\n")[0]:
        text, quoted = _numba_error(text)
        trace += quoted
    what = f"{kind}: {_shorten(' '.join(text.split()))}" if text else f"{kind} was raised"
    name, cause = _cause_of(kind, text, own=error["todo"])
    return Message(where, what, "", cause, again, trace, name=name)


def uncountable(where: str, error: dict[str, Any], again: str, run: str) -> Message:
    """An exception where a file's technique is counted, though its answers may be right."""
    first = raised(where, error, again)
    how = "compiled for a processor with AVX2" if run == "code" else "run as plain Python, with numba's JIT off"
    cause = f"here the file is {how}, so that what it does can be counted; that has to work too"
    return replace(first, cause=f"{cause}. It stopped there: {first.cause}", name="not-countable")


def _numba_error(text: str) -> tuple[str, tuple[str, ...]]:
    """From numba's long typing report, the sentence that says what it could not do, and the source that it quotes."""
    lines = [line.strip() for line in text.split("\n")]
    said = [line for line in lines[1:] if line and not line.startswith(_NUMBA_NOISE)]
    sentence = " ".join(said[:2]).replace("\x1b", "")
    start = max((i for i, line in enumerate(lines) if line.startswith('File "')), default=None)
    if start is None:
        return sentence, ()
    block = [line for line in text.split("\n")[start : start + 8] if line.strip()]
    end = next((i for i, line in enumerate(block) if line.strip() == "^"), len(block) - 1)
    return sentence, tuple(block[: end + 1])


_NUMBA_NOISE = ("There are", "- Of which", "Overload", "File:", "With argument", "No match", "* (", "During:", "...")


def _shorten(text: str, limit: int = 500) -> str:
    return text if len(text) <= limit else text[: limit // 2] + " ... " + text[-limit // 2 :]


_EXCEPTIONS = {
    "NotImplementedError": "not-finished",
    "TypingError": "types-mixed",
    "IndexError": "index-past-the-end",
    "ZeroDivisionError": "division-by-zero",
    "MemoryError": "memory",
    "NameError": "unknown-name",
    "ModuleNotFoundError": "missing-module",
    "RecursionError": "recursion",
    "SystemExit": "exit",
    "KeyboardInterrupt": "exit",
}
"""The names of exceptions that have a name of their own."""


def _cause_of(kind: str, text: str, *, own: bool) -> tuple[str, str]:
    """Name and cause. `own`: it is the NotImplementedError of a stub, and not one that a library raises."""
    causes = {
        "NotImplementedError": "part of the exercise is still to be written: other inputs already get an answer",
        "TypingError": "numba could not give every variable one type; the line it names mixes types, or uses something "
        "that compiled code does not know",
        "IndexError": "an index reaches past the end of an array: look at the last, partial tile",
        "ZeroDivisionError": "a size is 0 here: M, N or K may be empty",
        "MemoryError": "an array is far larger than the problem needs",
        "NameError": "a name is used that is not defined in this file; check the spelling and the imports",
        "ModuleNotFoundError": "an exercise file stands alone: numpy, numba, torch, triton and the standard library",
        "RecursionError": "a function calls itself without end",
        "SystemExit": "sys.exit() or exit() is called; an exercise only returns",
        "KeyboardInterrupt": "the file raises KeyboardInterrupt itself",
        "PermissionError": "a graded file may read its libraries and write to its own folder; all else is closed",
    }
    if kind == "ValueError" and "BLOCK" not in text and "broadcast" in text:
        return "shapes-do-not-match", "two arrays of different shapes are combined: look at the last, partial tile"
    if kind == "NotImplementedError" and not own:
        return "exception", "a library does not know how to do this, often for this type of number"
    name = _EXCEPTIONS.get(kind, "exception")
    return name, causes.get(kind, "the line above is where your own code stopped")


def unusable(where: str, why: dict[str, Any], entry: tuple[str, ...], again: str) -> Message:
    """A function that is missing or cannot be called as the statement says."""
    name = why["function"]
    wanted = next((line for line in entry if line.startswith(f"{name}(")), name)
    what, cause = {
        "missing": (
            f"the file has no function {name}",
            "it was renamed or deleted, or it is indented inside another one",
        ),
        "not callable": (
            f"{name} is a {why.get('type')}, not a function",
            "a variable of that name hides the function",
        ),
        "async": (f"{name} is an `async def`", "an async function returns a promise of a result; write a plain `def`"),
        "parameters": (
            f"{name}{why.get('has')} cannot be called with {why.get('count')} arguments",
            "the parameters were changed",
        ),
    }[why["why"]]
    return Message(where, what, f"expected {wanted}", cause, again, name="contract")


def aliased(indices: list[int]) -> Mistake:
    """The result lives in the memory of an argument."""
    return Mistake(
        "the result shares its memory with " + " and ".join(_NAMES[i] for i in indices[:3]),
        "",
        "matmul returns a new array; the caller's matrices stay the caller's",
        "aliasing",
    )


def reused() -> Mistake:
    """Two calls returned the same memory."""
    return Mistake(
        "it returned the same array as the call before, whose result is overwritten by that",
        "",
        "the result is kept in a global or a default argument; make a new array in every call",
        "reused-array",
    )


def no_kernel() -> Mistake:
    """A Triton exercise answered without Triton."""
    return Mistake(
        "no Triton kernel was launched",
        "",
        "torch did the work; the exercise is the kernel and its launch, kernel[grid](...)",
        "policy",
    )


def mutated(indices: list[int]) -> Mistake:
    """An argument was changed."""
    return Mistake(
        " and ".join(_NAMES[i] for i in indices[:3]) + " was changed",
        "",
        "an operand is written, or what lies past its end: operands belong to the caller, write only to the result",
        "mutates-input",
    )


def idle_kernel() -> Mistake:
    """A Triton kernel was launched, but it did not compute the result."""
    return Mistake(
        "a Triton kernel was launched, but it moved fewer elements than the operands and the result have",
        "",
        "torch did the work; the exercise is the kernel and its launch, kernel[grid](...)",
        "policy",
    )


def overrun(indices: list[int]) -> Mistake:
    """Memory around an argument was written."""
    return Mistake(
        "memory just outside of " + " and ".join(_NAMES[i] for i in indices[:3]) + " was written",
        "",
        "an index that leaves the array: compiled code checks none, and writes into whatever lies there",
        "out-of-bounds",
    )


def undefined(mistake: Mistake, line: int) -> Mistake:
    """NaN came out of the lanes that a masked load without `other` leaves undefined."""
    cause = (
        f"a masked load has no `other` (line {line}): what its switched-off lanes hold is undefined, and it reached C"
    )
    return replace(mistake, cause=cause, name="undefined-load")


def fault(where: str, found: dict[str, Any], again: str) -> Message:
    """An access to memory that no machine promises to survive, found while the file ran."""
    line = found.get("line")
    place = f"{where}, line {line}" if type(line) is int else where
    what, because = (printable(str(found.get(part)))[:400] for part in ("what", "because"))
    return Message(place, what, "", because, again, name=fault_word(found))


def refused(where: str, found: dict[str, Any], again: str) -> Message:
    """Something that an exercise may not do, noticed while the file ran."""
    line = found.get("line")
    place = f"{where}, line {line}" if type(line) is int else where
    cause = "a kernel reads its operands and returns its result; for anything else there is no reason here"
    return Message(place, f"the file {printable(str(found.get('what')))[:200]}", "", cause, again, name="policy")


def library_called(where: str, again: str) -> Message:
    """The process ended on the breakpoint of a BLAS routine."""
    cause = "the product itself is the exercise here, so a library must not compute it, by whatever name it is called"
    return Message(where, "the file calls a library's matrix product (BLAS)", "", cause, again, name="policy")


def died(where: str, how: Died, again: str) -> Message:
    """The worker process ended without an answer."""
    causes = {
        "timeout": "a loop that never ends, or work that is far too slow; check the loop's step and its end",
        "memory": "an array grows in a loop, or is far larger than the problem needs",
        "output-flood": "a print inside the inner loop",
        "crash": "memory outside of an array was read or written (compiled code checks no index), or a compiled "
        "function calls itself without end"
        if how.signal in ("SIGSEGV", "SIGBUS")
        else "the process was ended by the file itself, or by a library that found its memory damaged",
        "disk": "a file is written in a loop; an exercise has no reason to write any",
        "no-answer": "the file interferes with the process that runs it",
    }
    what = {
        "timeout": "no answer in time",
        "memory": "too much memory",
        "output-flood": "too much output",
        "disk": "too much written to the disk",
    }
    said = what.get(how.cause, "the process that ran the file is gone")
    return Message(where, said, how.detail, causes[how.cause], again, name=how.cause)


def sizes_changed(names: tuple[str, ...], size: int) -> str:
    """The likely cause of a mistake that only shows when the size constants are changed."""
    *most, last = dict.fromkeys(names)
    constants = f"{', '.join(most)} and {last}" if most else last
    return f"{constants} set to {size} here: somewhere a number stands, or a size is assumed, in place of the constant"


def not_counted(where: str, case: str, again: str) -> Message:
    """A technique check of a file whose answers are wrong: a wrong kernel may be as fast as it likes."""
    what = f"not counted: technique is looked at once the answers are right, and the case {case} failed"
    return Message(where, what, "", f"see the case {case} first", again, name="not-tried")


def gave_up(where: str, case: str, again: str) -> Message:
    """A case that is not tried, because earlier ones of the same file hung or kept crashing."""
    return Message(
        where,
        f"not tried, after what happened in the case {case}",
        "",
        f"see the case {case} first",
        again,
        name="not-tried",
    )
