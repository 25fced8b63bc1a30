"""The figures of one compiled kernel on one chip, read from what the compiler wrote."""

from dataclasses import dataclass
from typing import Any

from mlsys_kernels.tracing import listing
from mlsys_kernels.tracing.listing import Access, Group, Matrix, Stages
from mlsys_kernels.tracing.targets import Resident, Target, resident


@dataclass(frozen=True)
class Figures:
    """One kernel, compiled.

    Attributes:
        kernel: its name.
        warps, num_stages: the options it was compiled with.
        registers: 32-bit registers of a thread; None where the tool that tells is missing.
        spilled: bytes of a thread that did not fit its registers and went to memory; None as above.
        shared: bytes of shared memory of a block, `stages` of it for the pipeline over K (None: there is none).
        resident: blocks that one processor holds; None if the registers are not known.
        accesses, matrices: instructions in the text, by kind.
        scalar: multiply-adds of one lane in the text.
        lines: the instructions of each source line that touch memory or multiply matrices.
        assembly: the whole listing, PTX or AMD's.
    """

    kernel: str
    warps: int
    num_stages: int
    registers: int | None
    spilled: int | None
    shared: int
    stages: Stages | None
    resident: Resident | None
    accesses: dict[Access, int]
    matrices: dict[Matrix, int]
    scalar: int
    lines: dict[int, tuple[Group, ...]]
    assembly: str


def figures(told: dict[str, Any], file: str, target: Target) -> Figures:
    """Read them from a kernel as `aot` tells it; `file` is the name of the learner's file."""
    text = listing.instructions(told["assembly"], file)
    registers, shared, warps = told["registers"], told["shared"], told["warps"]
    columns = listing.tensor_columns(text)
    room = None
    if registers is not None:
        room = resident(target, warps=warps, registers=registers, shared=shared, tensor_columns=columns)
    return Figures(
        told["kernel"], warps, told["stages"], registers, told["spilled"], shared, listing.stages(told["ttgir"]), room,
        listing.count_accesses(text), listing.count_matrices(text), sum(map(listing.is_scalar_fma, text)),
        listing.by_line(text), told["assembly"],
    )  # fmt: skip


def access_name(access: Access) -> str:
    """Such as `global load, 16 bytes, async`."""
    width = f"{access.width} byte{'s' * (access.width != 1)}" if access.width else "bulk (TMA)"
    return f"{access.space} {access.does}, {width}" + (", async" if access.asynchronous and access.width else "")


def plain(figures: Figures) -> dict[str, Any]:
    """For JSON: everything but the listing."""
    stages, room = figures.stages, figures.resident
    return {
        "kernel": figures.kernel,
        "num_warps": figures.warps,
        "num_stages": figures.num_stages,
        "registers_per_thread": figures.registers,
        "spilled_bytes_per_thread": figures.spilled,
        "shared_bytes": figures.shared,
        "stages_in_shared": stages.count if stages else 0,
        "stage_bytes": stages.stage_bytes if stages else 0,
        "resident_blocks": room.blocks if room else None,
        "limited_by": room.limited_by if room else None,
        "matrix": [{"family": m.family, "shape": m.shape, "count": count} for m, count in figures.matrices.items()],
        "scalar_fma": figures.scalar,
        "memory": [
            {"space": a.space, "does": a.does, "bytes": a.width, "async": a.asynchronous, "count": count}
            for a, count in figures.accesses.items()
        ],
        "lines": [
            {"line": line, "instructions": [{"opcode": group.opcode, "count": group.count} for group in groups]}
            for line, groups in figures.lines.items()
        ],
    }
