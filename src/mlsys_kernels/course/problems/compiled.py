"""Technique on the CPU by reading machine code: 07 vectorized, 08 register_tile and what stands on them.

The file is compiled for a fixed processor (x86-64: Haswell, with AVX2 and FMA; AArch64: NEON) and called once, and it
is counted how often every loop runs. How much of the arithmetic is on vectors, and how many loads and stores are there
for each FLOP? FLOPs and loads are counted in instructions: a multiplication and addition of 8 lanes in one instruction
is 2 FLOP, a load of 8 lanes is one load. So the figures depend on the versions of numba and LLVM alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from mlsys_kernels.course.problems.lines import calls
from mlsys_kernels.course.problems.matmul import flops
from mlsys_kernels.course.spec import Case, Counts, Figure, Mistake, Technique

SHAPE = (48, 96, 256)
"""M, N, K. N and K are long enough that vectors of any unrolling do the work, not the few elements after the last."""

LEAST_REUSE = 0.5
"""Loads and stores for each FLOP of the smallest block with reuse both ways: (2 + 2) loads for 2 * 2 * 2 FLOP.

In general (MR + NR) / (2 MR NR). One sum at a time has 1: two loads, a multiplication and an addition.
"""

MOST_SPILLS = 0.01
"""Vectors moved to or from the stack for each FLOP: none in the loop that matters, whatever another one does."""

LEAST_SHARE = 0.75
"""Of all FLOPs of compiled code, those in loops on vectors. What is left are the few after the last whole vector."""

LEAST_WORK, MOST_WORK = 0.9, 2.0
"""Compiled code has to do the product's FLOPs, 2 M N K, and may do some twice, but not other work beside it."""

_NEGATIVE = "an index that may be negative is tested at every step, so nothing is vectorized: let it start at range(n)"
_ORDER = (
    "a sum keeps its order unless fastmath has the flag 'reassoc', and a multiplication and an addition stay two "
    "instructions without 'contract'; fastmath={'reassoc', 'contract'} suffices, and True breaks NaN and infinity"
)


def _text(loop: Counts) -> str:
    """The busiest loop in numbers: where it is and what one turn does."""
    kind = f"{int(loop['lanes'])} lanes" if loop["packed"] else "one number at a time"
    spills = int(loop["vector_spills"]) + int(loop["integer_spills"])
    return (
        f"one turn of the busiest loop, in {loop['function']}: {int(loop['operations'])} FLOP on {kind}, "
        f"{int(loop['loads'])} loads, {int(loop['stores'])} stores, {spills} spills"
    )


def vector_arithmetic(counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """Nearly all of the product's multiplications and additions are on at least 4 lanes."""
    loop, needed = counts[0], flops(*SHAPE)
    done = int(loop["flops_of_all"]) if loop["function"] is not None else 0
    if not LEAST_WORK * needed <= done <= MOST_WORK * needed:
        numbers = f"{' x '.join(map(str, SHAPE))} needs {needed:,} FLOP; compiled code does {done:,}"
        what = "compiled code does not do the work" if done < needed else "compiled code does much more than the work"
        cause = "part of it is done by NumPy or plain Python" if done < needed else "there are loops beside the product"
        return Figure(0, -LEAST_SHARE, "share on vectors", what), Mistake(what, numbers, cause, "scalar-arithmetic")
    share = int(loop["packed_work"]["flops"]) / done
    told = f"{share:.0%} of the FLOPs are on vectors, at least {LEAST_SHARE:.0%} are asked for; {_text(loop)}"
    figure = Figure(-share, -LEAST_SHARE, "share on vectors", told)
    if share >= LEAST_SHARE:
        return figure, None
    what = f"only {share:.0%} of the multiplications and additions are on vectors"
    return figure, Mistake(what, _text(loop), f"{_NEGATIVE}; or {_ORDER}", "scalar-arithmetic")


def register_reuse(counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """Vector arithmetic, no vectors spilled, and at most LEAST_REUSE loads and stores for each FLOP."""
    figure, mistake = vector_arithmetic(counts)
    if mistake is not None:
        heap = "sums in an array that is not on the stack, such as np.zeros, are loaded and stored at every step, and"
        return figure, replace(mistake, cause=f"{heap} the compiler makes no vectors of them; or {mistake.cause}")
    loop, work = counts[0], counts[0]["packed_work"]
    operations, spills = int(work["operations"]), int(work["vector_spills"])
    each = (int(work["loads"]) + int(work["stores"]) + spills + int(work["integer_spills"])) / operations
    told = f"{each:.3g} loads and stores for each FLOP, at most {LEAST_REUSE:g} allowed; {_text(loop)}"
    figure = Figure(each, LEAST_REUSE, "loads and stores per FLOP", told)
    if spills > MOST_SPILLS * operations:
        what = f"the loops that multiply move a vector to or from the stack for every {operations / spills:.3g} FLOP"
        cause = (
            "with AVX2 there are 16 vector registers. MR * NR sums need one each, one side of the block needs one for "
            "each number, and one is for what is loaded last: make the block smaller, or exchange its sides"
        )
        return figure, Mistake(what, _text(loop), cause, "register-spills")
    if each <= LEAST_REUSE:
        return figure, None
    what = f"{each:.3g} loads and stores for each FLOP, and {LEAST_REUSE:g} are allowed"
    cause = (
        "each number that is loaded is used too seldom: keep a block of MR x NR sums in registers over all of K, which "
        "needs (MR + NR) / (2 MR NR) loads for each FLOP, and no stores"
    )
    return figure, Mistake(what, _text(loop), cause, "too-many-loads")


def _case(name: str, catches: str, judge: Any) -> Case:
    made = partial(calls, shape=SHAPE, sizes=({},))
    return Case(name, catches, made, run="code", technique=Technique({}, judge))


VECTOR_CODE = _case("vector_code", "a hot loop that multiplies one number at a time", vector_arithmetic)
REGISTER_CODE = _case("register_code", "a hot loop that loads as often as it multiplies, or spills", register_reuse)
