"""The words of the course as frozen dataclasses: Operand, Call, what a call may answer, Case, Problem, Exercise.

Everything here is data that the judge holds. Of a `Call` only `function` and `args` ever reach the process that runs
the learner's file; `expect` stays with the judge.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

DType = Literal["float16", "bfloat16", "float32", "float64"]
Library = Literal["numpy", "torch"]
Run = Literal["compiled", "plain", "again", "bounds", "race", "traffic", "code"]
"""How the file runs: as it is; with numba's JIT off; as it is in a second process; compiled with bounds checks; traced,
so that two iterations of a prange that touch the same element show; with every access to memory counted; compiled for
a fixed processor, whose instructions are read."""


@dataclass(frozen=True)
class Operand:
    """An array argument: a one-dimensional buffer and the view of it that the learner's function receives.

    `buffer` holds the storage type: the NumPy type of the same name, or uint16 for bfloat16, which NumPy does not
    have. `shape`, `strides` and `offset` count elements, not bytes. Gaps in the buffer belong to nobody: they hold NaN.
    """

    buffer: NDArray[Any]
    dtype: DType
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    library: Library

    @property
    def values(self) -> NDArray[np.float64]:
        """The view's values, shape `shape`, as float64 (exact for every dtype here)."""
        item = self.buffer.itemsize
        view = np.ndarray(
            self.shape,
            self.buffer.dtype,
            self.buffer,
            offset=self.offset * item,
            strides=tuple(s * item for s in self.strides),
        )
        if self.dtype == "bfloat16":
            return (view.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
        return view.astype(np.float64)


@dataclass(frozen=True)
class ScriptedDevice:
    """A stand-in for an accelerator and its clock, built inside the worker from these numbers; see `scripted.py`.

    `kernel_seconds[i]` is how long call i of the work keeps the device busy (the last one repeats). `fn()` returns
    after `launch_seconds`, before the work is done; `sync()` waits for it; `now()` reads the clock, in seconds.
    """

    kernel_seconds: tuple[float, ...]
    launch_seconds: float
    rounds: int


def unchanged(product: NDArray[np.float64]) -> NDArray[np.float64]:
    """What happens after the product of a plain matmul: nothing."""
    return product


@dataclass(frozen=True)
class Matrix:
    """Expected: a new array. `value` is float64; `bound` is the largest allowed |error| per element, float64.

    `bound` None: the inputs are such that every legal order of summation gives the same bits, so `value`, rounded once
    to `dtype`, is the only right answer. `operands` names the two matrices for the diagnosis.
    """

    value: NDArray[np.float64]
    dtype: DType
    library: Library
    bound: NDArray[np.float64] | None
    a: NDArray[np.float64] = field(repr=False)
    b: NDArray[np.float64] = field(repr=False)
    finish: Callable[[NDArray[np.float64]], NDArray[np.float64]] = field(default=unchanged, repr=False)
    """What happens to the product before it is stored (bias, ReLU)."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the result."""
        return self.value.shape


@dataclass(frozen=True)
class Large:
    """Expected: the product of integers that is too large for a full reference; Freivalds' test judges it, exactly.

    `a` (M, K) and `b` (K, N) hold integers as float64. All partial sums fit the accumulator, so that every legal order
    of summation gives the same bits.
    """

    a: NDArray[np.float64] = field(repr=False)
    b: NDArray[np.float64] = field(repr=False)
    dtype: DType
    library: Library

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the product."""
        return self.a.shape[0], self.b.shape[1]

    def matrix(self) -> Matrix:
        """The full reference: what a wrong answer is explained with."""
        return Matrix(self.a @ self.b, self.dtype, self.library, None, self.a, self.b)


@dataclass(frozen=True)
class Answer:
    """Expected: one number, string or boolean. `because` says, in one sentence, how it is found."""

    value: float | int | str | bool
    unit: str
    because: str
    relative: float = 1e-6


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a value, for the learner: `what` happened, the `numbers`, and the likely `cause`.

    `name` is the name of the cause, a key of `grading.diagnosis.names.NAMES`; empty where a problem explains itself.
    """

    what: str
    numbers: str
    cause: str
    name: str = ""


@dataclass(frozen=True)
class Judged:
    """Expected: anything that `check` accepts. `check` gets the returned value and says what is wrong, or None."""

    check: Callable[[Any], Mistake | None]


Expect = Matrix | Large | Answer | Judged

Counts = Mapping[str, Any]
"""What was counted during one call, as plain data; its shape is that of the counter in `tracing` that made it."""


@dataclass(frozen=True)
class Figure:
    """A counted number beside its bound: `value` may be at most `bound` (for "at least", both are negative).

    `told` says both in one sentence, for one who has passed.
    """

    value: float
    bound: float
    unit: str
    told: str


@dataclass(frozen=True)
class Technique:
    """A counted property beside correctness: what is counted while a case runs, and what the counts have to be.

    `model` goes to the counter: the measures of its cache, the size of a wave. `judge` gets the counts of every call
    of the case, in order, and says what they come to, and what is wrong with it, or None.
    """

    model: Mapping[str, int | None]
    judge: Callable[[Sequence[Counts]], tuple[Figure, Mistake | None]]


@dataclass(frozen=True)
class Call:
    """One call of one function in the learner's file, and what it should answer."""

    function: str
    args: tuple[Any, ...]
    expect: Expect = field(repr=False)
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Size constants of the file that are set for this call, beside those that `Case.tile` sets."""

    @property
    def text(self) -> str:
        """The call as a learner would type it, matrices as `float32[33, 17]`."""
        return f"{self.function}({', '.join(_show(arg) for arg in self.args)})"


def _show(arg: object) -> str:
    if isinstance(arg, Operand):
        return f"{arg.dtype}{list(arg.shape)}"
    if isinstance(arg, ScriptedDevice):
        return f"fn, sync, now, rounds={arg.rounds}"
    return repr(arg)


@dataclass(frozen=True)
class Tile:
    """How the learner's file tiles the three axes: the values of its own size constants, or 32 where it has none."""

    m: int = 32
    n: int = 32
    k: int = 32


@dataclass(frozen=True)
class Case:
    """One named input of a problem, called after the bug that it catches.

    `calls` draws the inputs from a generator, for the tile sizes of the file that is graded. `tile` sets every size
    constant of the file to one number; None leaves the file as it is. `run` says how the file runs: numba files whose
    sizes are set run "plain", so that nothing is compiled again. `interpreter` False: Triton's own
    interpreter gets it wrong, so it runs there only where that could be mended. `shuffled`: Triton's programs run in
    a random order. `technique`: what is counted beside the answer, which must be right here too.
    """

    name: str
    catches: str
    calls: Callable[[np.random.Generator, Tile], tuple[Call, ...]] = field(repr=False)
    tile: int | None = None
    interpreter: bool = True
    run: Run = "compiled"
    shuffled: bool = False
    technique: Technique | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Problem:
    """What is computed, once for all exercises that share it.

    `entry` lists the functions that a file must define, with their parameters, as a learner reads them.
    """

    name: str
    entry: tuple[str, ...]
    cases: tuple[Case, ...] = field(repr=False)


@dataclass(frozen=True)
class Points:
    """What a file can earn: for right answers (by case), for technique (by check), for speed."""

    correctness: int = 70
    technique: int = 30
    speed: int = 0


@dataclass(frozen=True)
class Exercise:
    """One row of the catalog. Every path is derived from `slug`, the file's name without `.py`.

    `tiles` names the module constant that tiles each axis, for instance {"m": "MR", "n": "NR"}. `own_product` True:
    the file must not call a library's matrix product. `launches` True: a torch result must come
    from a Triton kernel. `lines`: the size of the gap in the solution, roughly.
    `speedup_over`: the exercise is about speed; its file has PREDICTED_SPEEDUP, the learner's guess of how many times
    faster it is than the solution of this exercise (a slug) or than plain Python loops ("python").
    `speedup_n`: the n at which that guess is about M = N = K.
    `largest_n`: the largest square matrices with which the benchmarks time it. `all_cores`: they time it with all
    cores too, and its PREDICTED_SPEEDUP is about that.
    """

    slug: str
    concept: str
    problem: Problem
    needs: Literal["numpy", "numba", "triton"]
    lines: int
    tiles: Mapping[str, str] = field(default_factory=dict)
    own_product: bool = True
    launches: bool = True
    speedup_over: str | None = None
    speedup_n: int = 1024
    largest_n: int = 1024
    all_cores: bool = False
    technique: tuple[Case, ...] = field(default=(), repr=False)
    """The technique checks: cases of this exercise alone, graded after those of its problem."""
    points: Points = Points()

    @property
    def file(self) -> str:
        """The file's name, the same in exercises/ and solutions/."""
        return f"{self.slug}.py"

    @property
    def cases(self) -> tuple[Case, ...]:
        """The problem's cases, those that set tile sizes only where there are sizes to set; then technique checks."""
        return tuple(case for case in self.problem.cases if case.tile is None or self.tiles) + self.technique

    @property
    def most_points(self) -> int:
        """What the file can earn on every machine: speed is no part of it."""
        return self.points.correctness + (self.points.technique if self.technique else 0)

    def path(self, gym: Path, folder: str = "exercises") -> Path:
        """Where the file of this exercise is, in the given folder of a gym."""
        return gym / folder / self.file
