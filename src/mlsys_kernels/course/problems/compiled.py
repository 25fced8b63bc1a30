"""Technique on the CPU by reading machine code: 07 vectorized, 08 register_tile and what stands on them.

The file is compiled for a fixed processor (x86-64: Haswell, with AVX2 and FMA; AArch64: NEON) and called once. The loop
that did most FLOPs is read: is its arithmetic on vectors, and how many loads and stores are there for each FLOP? FLOPs
and loads are counted in instructions: a multiplication and addition of 8 lanes in one instruction is 2 FLOP, a load of
8 lanes is one load. So the figures depend on the versions of numba and LLVM alone.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from mlsys_kernels.course.problems.lines import calls
from mlsys_kernels.course.problems.matmul import flops
from mlsys_kernels.course.spec import Case, Counts, Figure, Mistake, Technique

SHAPE = (48, 96, 256)
"""M, N, K. N and K are long enough that vectors of any unrolling do the work, not the few elements after the last."""

LANES = 4
"""What every x86-64 and AArch64 has for float32."""

LEAST_REUSE = 0.5
"""Loads and stores for each FLOP of the smallest block with reuse both ways: (2 + 2) loads for 2 * 2 * 2 FLOP.

In general (MR + NR) / (2 MR NR). One sum at a time has 1: two loads, a multiplication and an addition.
"""

LEAST_SHARE = 0.5
"""Of the product's FLOPs, that the loop which is read has to do."""

_NEGATIVE = "an index that may be negative is tested at every step, so nothing is vectorized: let it start at range(n)"
_ORDER = (
    "a sum keeps its order unless fastmath has the flag 'reassoc', and a multiplication and an addition stay two "
    "instructions without 'contract'; fastmath={'reassoc', 'contract'} suffices, and True breaks NaN and infinity"
)


def _read(counts: Sequence[Counts], what: str) -> tuple[Counts, Mistake | None]:
    """The loop that does the work; a mistake if there is none."""
    loop = counts[0]
    needed = LEAST_SHARE * flops(*SHAPE)
    if loop.get("function") is None or int(loop["executed"]) < needed:
        most = int(loop["executed"]) if loop.get("function") is not None else 0
        numbers = f"{flops(*SHAPE):,} FLOP are needed for {' x '.join(map(str, SHAPE))}; the busiest loop does {most:,}"
        cause = "the work is not in one compiled loop: part of it is done by NumPy, by plain Python, or bit by bit"
        return loop, Mistake(what, numbers, cause, "scalar-arithmetic")
    return loop, None


def _text(loop: Counts) -> str:
    """The loop in numbers: where it is and what one turn does."""
    kind = f"{int(loop['lanes'])} lanes" if loop["packed"] else "one number at a time"
    spills = int(loop["vector_spills"]) + int(loop["integer_spills"])
    return (
        f"one turn of the innermost loop of {loop['function']}: {int(loop['operations'])} FLOP on {kind}, "
        f"{int(loop['loads'])} loads, {int(loop['stores'])} stores, {spills} spills"
    )


def vector_arithmetic(counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """The loop that does the work multiplies and adds on at least 4 lanes."""
    loop, missing = _read(counts, "no compiled loop does most of the work")
    if missing is not None:
        return Figure(0, -LANES, "lanes", missing.what), missing
    lanes = int(loop["lanes"]) if loop["packed"] else 1
    figure = Figure(-lanes, -LANES, "lanes", f"{_text(loop)}; at least {LANES} lanes are asked for")
    if loop["packed"]:
        return figure, None
    what = "the loop that does the work multiplies and adds one number at a time"
    return figure, Mistake(what, _text(loop), f"{_NEGATIVE}; or {_ORDER}", "scalar-arithmetic")


def register_reuse(counts: Sequence[Counts]) -> tuple[Figure, Mistake | None]:
    """Vector arithmetic, no vector spilled, and at most LEAST_REUSE loads and stores for each FLOP."""
    figure, mistake = vector_arithmetic(counts)
    if mistake is not None:
        return figure, mistake
    loop = counts[0]
    spills = int(loop["vector_spills"])
    moved = int(loop["loads"]) + int(loop["stores"]) + spills + int(loop["integer_spills"])
    each = moved / int(loop["operations"])
    told = f"{each:.3g} loads and stores for each FLOP, at most {LEAST_REUSE:g} allowed; {_text(loop)}"
    figure = Figure(each, LEAST_REUSE, "loads and stores per FLOP", told)
    if spills:
        what = f"the innermost loop moves {spills} vectors to and from the stack in every turn"
        cause = "the block of sums is larger than the registers: 16 vectors with AVX2. Make MR * NR smaller"
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
