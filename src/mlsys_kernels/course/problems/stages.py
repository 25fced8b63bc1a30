"""25 stages_and_warps: a matmul configuration for each of three GPUs, judged by arithmetic alone; nothing is compiled.

Operands of 2 bytes (float16 or bfloat16), accumulator float32. The rules are what Triton 3.7.1's compiler was seen to
do with a plain masked tl.dot loop, ahead of time, without a GPU: triton.compile(ASTSource(...), GPUTarget("cuda", 90,
32), options), then `cuobjdump --dump-resource-usage`; the three references gave the same with bfloat16. The columns:
BM x BN x BK, warps, stages; `shared` and `spilled` in bytes; registers per thread.

    sm_80   128x128x64   8  4   shared  98,304   175 registers   mma.sync      reference; 3 blocks, not 4
    sm_80   128x256x64   8  4   shared 147,456   230 registers   mma.sync
    sm_80   128x256x64   8  5   shared 196,608   230 registers   mma.sync      over the limit of 166,912
    sm_80   128x256x64   4  3   shared  98,304   255 registers   spilled 1,240: 256 accumulators in a thread
    sm_80   256x128x64   8  3   shared  98,304   255 registers   spilled 32: 128 accumulators, yet too tight
    sm_80   256x256x32  16  3   spilled 1,784: 128 accumulators, and with 512 threads only 128 registers in all
    sm_90   128x128x64   4  1 to 5   shared 32,768 65,536 98,304 131,072 163,840: one block of A and B for each stage
    sm_90   128x256x64   8  4   shared 196,608   206 registers   wgmma         reference
    sm_90   128x256x64   8  5   shared 245,760   213 registers   wgmma         over the limit of 232,448
    sm_90   128x256x64   4  3   shared 147,456   255 registers   spilled 1,024: 256 accumulators in a thread
    sm_90   256x256x32  16  3   the assembler gives up: 128 registers where 154 are needed
    sm_90   128x128x64   2  3   mma.sync, spilled 1,272: wgmma needs a warp group, 4 warps
    sm_100  256x256x64   8  3   shared 196,624   222 registers   tcgen05.mma   reference; 16 bytes of barriers
    sm_100  256x256x32   4  3   tcgen05.mma, spilled 408: 512 results of a thread on their way out
    sm_100  128x256x64   4  3   shared 147,472   179 registers   tcgen05.mma
    sm_100  128x128x64  16  3   shared  65,536    84 registers   mma.sync: tcgen05 is used with 4 or 8 warps only
    sm_100  256x512x16   8  3   1,024 columns of tensor memory, where there are 512

So the bound on accumulators is necessary, not sufficient: on sm_80 the operands pass through registers as well, and at
exactly half of a thread's registers it depends on the kernel (128x256x64 fits, 256x128x64 spills 32 bytes).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from mlsys_kernels.course.problems.chips import A100, B200, H100, Chip, Multiprocessor
from mlsys_kernels.course.spec import Call, Case, Judged, Mistake, Problem, Tile

KEYS = ("BLOCK_M", "BLOCK_N", "BLOCK_K", "num_stages", "num_warps")
ITEMSIZE = 2
LEAST_INTENSITY = 64.0
LEAST_STAGES = 3
LEAST_DOT = 16
"""The smallest side of a tl.dot that is asked for here; the compiler's own minimum for K with 2-byte operands."""
MOST_WARPS = 32
"""A program has at most 1,024 threads."""
MOST_ELEMENTS = 1 << 20
"""Triton's own limit for one tensor (TRITON_MAX_TENSOR_NUMEL)."""
BARRIER_BYTES = 16
"""What sm_100 needs beside the stages, as seen (see above)."""

Config = Mapping[str, int]
Check = Callable[[Multiprocessor, Config], Mistake | None]


def shared_bytes(sm: Multiprocessor, config: Config) -> int:
    """Shared memory of the pipeline: a block of A and a block of B for every stage that is in flight.

    On sm_80 one stage fewer: there the step that is being multiplied has already left for the registers.
    """
    block = (config["BLOCK_M"] + config["BLOCK_N"]) * config["BLOCK_K"] * ITEMSIZE
    if sm.arch == "sm_80":
        return block * (config["num_stages"] - 1)
    return block * config["num_stages"] + (BARRIER_BYTES if sm.tensor_memory else 0)


def intensity(config: Config) -> float:
    """FLOP per byte loaded, as in 05_tile_intensity."""
    m, n = config["BLOCK_M"], config["BLOCK_N"]
    return 2 * m * n / ((m + n) * ITEMSIZE)


def accumulators_per_thread(config: Config) -> float:
    """Float32 sums that each of the 32 * num_warps threads keeps, or (tensor memory) has to store at the end."""
    return config["BLOCK_M"] * config["BLOCK_N"] / (32 * config["num_warps"])


def enough_reuse(_sm: Multiprocessor, config: Config) -> Mistake | None:
    """At least 64 FLOP for every byte loaded."""
    got = intensity(config)
    if got >= LEAST_INTENSITY:
        return None
    cause = "a tile does more work per byte when both of its sides grow; BLOCK_K and num_stages change nothing here"
    return Mistake("the tile has too little reuse", f"{got:.4g} FLOP/byte, {LEAST_INTENSITY:g} are asked", cause)


def enough_stages(_sm: Multiprocessor, config: Config) -> Mistake | None:
    """At least three stages."""
    if config["num_stages"] >= LEAST_STAGES:
        return None
    cause = "with fewer stages the tensor cores wait for memory at every step of K: nothing is on its way meanwhile"
    return Mistake("too few stages", f"num_stages = {config['num_stages']}, {LEAST_STAGES} are asked", cause)


def fits_shared_memory(sm: Multiprocessor, config: Config) -> Mistake | None:
    """All stages in flight fit into the shared memory that one program may have."""
    need, limit = shared_bytes(sm, config), sm.shared_per_program
    if need <= limit:
        return None
    block = (config["BLOCK_M"] + config["BLOCK_N"]) * config["BLOCK_K"] * ITEMSIZE
    cause = "each stage holds a block of A and a block of B: fewer stages, or a smaller BLOCK_K, take less"
    numbers = f"{need:,} bytes, {block:,} for each stage in flight; {limit:,} are there"
    return Mistake("the stages do not fit into shared memory", numbers, cause)


def no_spill(sm: Multiprocessor, config: Config) -> Mistake | None:
    """The accumulators leave half of the registers to the rest; on Blackwell they fit tensor memory and one read-out.

    All sizes are powers of two, so a thread's 255 registers count as 256.
    """
    sums, each = config["BLOCK_M"] * config["BLOCK_N"], accumulators_per_thread(config)
    if sm.tensor_memory:
        place, most, most_each = "tensor memory", sm.tensor_memory // 4, sm.registers_per_thread + 1
        why = "at the end every thread reads its share of the tile into its registers"
    else:
        place, most, most_each = (
            "half of the SM's registers",
            sm.registers_per_sm // 2,
            (sm.registers_per_thread + 1) // 2,
        )
        why = "operands and addresses need the other half of a thread's registers, or some spill to memory"
    if sums > most:
        cause = f"the whole tile of C stays in {place} until it is done: make the tile smaller"
        return Mistake("the accumulator is too large", f"{sums:,} sums of float32, at most {most:,}", cause)
    if each > most_each:
        numbers = f"{each:g} for each of {32 * config['num_warps']} threads, at most {most_each}"
        return Mistake("too many sums for one thread", numbers, f"{why}: spread the tile over more warps")
    return None


def tensor_core(sm: Multiprocessor, config: Config) -> Mistake | None:
    """The tensor-core instruction of the chip's own generation can be used."""
    warps = config["num_warps"]
    if sm.arch == "sm_90" and (warps % 4 or config["BLOCK_M"] < 64):
        cause = "wgmma is issued by a warp group, 4 warps, on 64 rows; else the compiler falls back to mma.sync"
        return Mistake("wgmma cannot be used", f"num_warps = {warps}, BLOCK_M = {config['BLOCK_M']}", cause)
    if sm.arch == "sm_100" and (warps not in (4, 8) or config["BLOCK_M"] < 64):
        cause = "the compiler uses tcgen05 with 4 or 8 warps, on 64 rows; else it falls back to mma.sync"
        return Mistake("tcgen05 cannot be used", f"num_warps = {warps}, BLOCK_M = {config['BLOCK_M']}", cause)
    return None


def well_formed(value: Any) -> Mistake | None:
    """A dict with the five sizes, each one that the compiler can take."""
    if not isinstance(value, dict):
        kind = "None" if value is None else f"a {type(value).__name__}"
        wanted = f"expected a dict with {', '.join(KEYS)}"
        return Mistake(f"it returned {kind}", wanted, "return dict(BLOCK_M=..., BLOCK_N=..., and so on)")
    if set(value) != set(KEYS):
        missing = [key for key in KEYS if key not in value]
        extra = [str(key) for key in value if key not in KEYS]
        numbers = "; ".join(
            f"{word}: {', '.join(keys)}" for word, keys in (("missing", missing), ("unknown", extra)) if keys
        )
        return Mistake("the keys are not those that are asked", numbers, f"exactly these: {', '.join(KEYS)}")
    for key in KEYS:
        if type(value[key]) is not int or value[key] < 1:
            return Mistake(f"{key} = {repr(value[key])[:60]}", "", "every size is a whole number of at least 1")
    for key in ("BLOCK_M", "BLOCK_N", "BLOCK_K", "num_warps"):
        if value[key] & (value[key] - 1):
            cause = "tl.arange and the compiler's layouts exist for powers of two only"
            return Mistake(f"{key} = {value[key]} is not a power of two", "", cause)
    for key in ("BLOCK_M", "BLOCK_N", "BLOCK_K"):
        if value[key] < LEAST_DOT:
            cause = "a tensor core multiplies blocks; with 2-byte operands tl.dot refuses a K below 16"
            return Mistake(f"{key} = {value[key]} is too small for tl.dot", f"at least {LEAST_DOT}", cause)
    largest = value["BLOCK_M"] * value["BLOCK_N"] * value["BLOCK_K"] // min(value[key] for key in KEYS[:3])
    if largest > MOST_ELEMENTS:
        numbers = f"{largest:,} elements, at most {MOST_ELEMENTS:,}"
        return Mistake("a block is larger than Triton's largest", numbers, "a tile has to fit into one SM")
    if value["num_warps"] > MOST_WARPS:
        cause = f"a program has at most 1,024 threads, {MOST_WARPS} warps of 32"
        return Mistake(f"num_warps = {value['num_warps']} is too many", "", cause)
    return None


def judge(sm: Multiprocessor, rule: Check | None, value: Any) -> Mistake | None:
    """Form first, since no rule can be checked without it; then the case's own rule."""
    return well_formed(value) or (rule(sm, value) if rule else None)


def limits(chip: Chip, sm: Multiprocessor) -> dict[str, Any]:
    """What the learner's function is told about a chip; sizes in bytes."""
    return {
        "name": chip.name,
        "arch": sm.arch,
        "shared_bytes": sm.shared_per_program,
        "registers_per_thread": sm.registers_per_thread,
        "registers_per_sm": sm.registers_per_sm,
        "tensor_memory_bytes": sm.tensor_memory,
    }


def _case(name: str, catches: str, rule: Check | None) -> Case:
    def calls(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
        return tuple(
            Call("configuration", (limits(chip, chip.sm),), Judged(partial(judge, chip.sm, rule)))
            for chip in (A100, H100, B200)
            if chip.sm is not None
        )

    return Case(name, catches, calls)


PROBLEM = Problem(
    "stages",
    ("configuration(chip)",),
    (
        _case("well_formed", "sizes that the compiler refuses: no power of two, or below tl.dot's minimum", None),
        _case("enough_reuse", "a tile that does less than 64 FLOP per byte", enough_reuse),
        _case("enough_stages", "fewer than three steps of K in flight", enough_stages),
        _case("shared_memory", "more stages than shared memory holds", fits_shared_memory),
        _case("registers", "accumulators that spill out of the registers", no_spill),
        _case("tensor_core", "too few or too many warps for the chip's own tensor-core instruction", tensor_core),
    ),
)
