"""The chips that `mlk inspect` compiles for, and how many blocks one of their processors holds at the same time.

A block is what Triton calls a program. NVIDIA's limits are those of `course.problems.chips`; what occupancy needs
beyond them is here, with its source. Sizes in bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mlsys_kernels.course.problems.chips import A100, B200, H100, Chip

RESERVED = 1024
"""Shared memory that CUDA takes for itself in every block: the CUDA programming guide's "1 KB per thread block"."""


@dataclass(frozen=True)
class Target:
    """One processor (an SM, on AMD a compute unit) and what its blocks share.

    Attributes:
        name: what the command line says, such as sm_90 or gfx942.
        chip: a chip that is built of it.
        backend: Triton's name for the maker's compiler.
        lanes: threads of a warp (AMD: wavefront).
        registers: 32-bit registers of each of its four quarters, which serve the warps in turn.
        registers_per_thread: the most that one thread can have.
        register_step: registers are given to threads in multiples of this.
        shared: shared memory of the processor (AMD: LDS).
        shared_per_block: the most that one block can have.
        threads, blocks: the most at the same time.
        tensor_columns: columns of tensor memory, 0 where accumulators live in registers.
    """

    name: str
    chip: str
    backend: Literal["cuda", "hip"]
    lanes: int
    registers: int
    registers_per_thread: int
    register_step: int
    shared: int
    shared_per_block: int
    threads: int
    blocks: int
    tensor_columns: int

    @property
    def arch(self) -> int | str:
        """The architecture as Triton's GPUTarget spells it: 90, or gfx942."""
        return int(self.name.removeprefix("sm_")) if self.backend == "cuda" else self.name


def _nvidia(chip: Chip) -> Target:
    """2,048 threads and 32 blocks per SM, registers in steps of 8: the same guide's table, for 8.0, 9.0 and 10.0."""
    sm = chip.sm
    assert sm is not None
    return Target(
        sm.arch, chip.name, "cuda", 32, sm.registers_per_sm // 4, sm.registers_per_thread, 8,
        sm.shared_per_program + RESERVED, sm.shared_per_program, 2048, 32, sm.tensor_memory // (128 * 4),
    )  # fmt: skip


# 4 SIMDs of 8 wavefronts, 512 vector registers for each lane of a SIMD in steps of 8, 64 KB of LDS: AMD, Optimizing
# Triton kernels, https://rocm.docs.amd.com/en/latest/how-to/rocm-for-ai/inference-optimization/optimizing-triton-kernel.html
_CDNA3 = Target("gfx942", "MI300X", "hip", 64, 512 * 64, 512, 8, 64 * 1024, 64 * 1024, 2048, 32, 0)

TARGETS: Mapping[str, Target] = {target.name: target for target in (*map(_nvidia, (A100, H100, B200)), _CDNA3)}


@dataclass(frozen=True)
class Resident:
    """How many blocks one processor holds, and what keeps it from holding more."""

    blocks: int
    limited_by: str


def resident(target: Target, *, warps: int, registers: int, shared: int, tensor_columns: int = 0) -> Resident:
    """Blocks of `warps` warps that one processor holds at the same time; 0 if not even one fits.

    Args:
        target: the processor.
        warps: warps of one block.
        registers: 32-bit registers of one thread.
        shared: bytes of shared memory of one block.
        tensor_columns: columns of tensor memory of one block.
    """
    step = target.register_step
    warp = -(-max(registers, 1) // step) * step * target.lanes
    reserved = RESERVED if target.backend == "cuda" else 0
    room = {
        "registers": target.registers // warp * 4 // warps,
        "threads": target.threads // (target.lanes * warps),
        "blocks": target.blocks,
    }
    if shared:
        room["shared memory"] = 0 if shared > target.shared_per_block else target.shared // (shared + reserved)
    if tensor_columns:
        room["tensor memory"] = target.tensor_columns // tensor_columns
    limited_by = min(room, key=lambda name: room[name])
    return Resident(room[limited_by], limited_by)
