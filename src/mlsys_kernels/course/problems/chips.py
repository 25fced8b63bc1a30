"""ONE table of accelerators: what their makers print, and the only chip figures that any exercise is graded against.

Every figure is for one accelerator of the named form factor, dense (no 2:4 sparsity), without a clock boost beyond the
maker's own. Bandwidth is that of the chip's main memory (HBM). Nothing here was measured by this project.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Multiprocessor:
    """What one streaming multiprocessor (SM) of a GPU holds, and what one program (thread block) may take of it.

    Sizes in bytes, registers of 32 bit. `tensor_memory` is the accumulator memory of Blackwell's tensor cores; 0 where
    accumulators live in registers. `source` names the table that the limits come from; `count` (SMs on the chip) is
    from "How to Scale Your Model", part 12, https://jax-ml.github.io/scaling-book/gpus/.
    """

    arch: str
    count: int
    shared_per_program: int
    registers_per_sm: int
    registers_per_thread: int
    tensor_memory: int
    source: str


@dataclass(frozen=True)
class Chip:
    """One accelerator: `peak` in dense FLOP/s (integer operations per second for int8), `bandwidth` in byte/s.

    `sparse` True: the chip has 2:4 sparsity, so its data sheet prints twice the dense peak, with a footnote.
    `source` is the original publication of the peak and the bandwidth.
    """

    name: str
    form: str
    peak: Mapping[str, float]
    bandwidth: float
    sparse: bool
    source: str
    sm: Multiprocessor | None = None

    def ridge(self, dtype: str) -> float:
        """FLOP per byte at which the memory and the arithmetic take the same time."""
        return self.peak[dtype] / self.bandwidth


REGISTERS_PER_SM = 65_536
"""Registers of 32 bit in one SM: the same on every GPU of this table (CUDA programming guide, as below)."""

# "Technical Specifications per Compute Capability": 64 K registers per SM, 255 per thread, 163 KB or 227 KB of shared
# memory per thread block (KB = 1,024 bytes there).
_CUDA_GUIDE = "NVIDIA, CUDA C++ Programming Guide, https://docs.nvidia.com/cuda/cuda-c-programming-guide/"
_AMPERE = Multiprocessor("sm_80", 108, 163 * 1024, REGISTERS_PER_SM, 255, 0, _CUDA_GUIDE)
_HOPPER = Multiprocessor("sm_90", 132, 227 * 1024, REGISTERS_PER_SM, 255, 0, _CUDA_GUIDE)
# Tensor memory: 128 lanes x 512 columns x 4 bytes.
_BLACKWELL = Multiprocessor(
    "sm_100", 148, 227 * 1024, REGISTERS_PER_SM, 255, 128 * 512 * 4,
    _CUDA_GUIDE + "; PTX ISA, Tensor Memory, https://docs.nvidia.com/cuda/parallel-thread-execution/#tensor-memory",
)  # fmt: skip
_TPUS = "Austin et al., How to Scale Your Model, part 2, https://jax-ml.github.io/scaling-book/tpus/"

A100 = Chip(
    "A100 SXM", "SXM4 module, 80 GB", {"bfloat16": 312e12, "int8": 624e12}, 2.039e12, True,
    "NVIDIA A100 data sheet, https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/a100/pdf/"
    "nvidia-a100-datasheet-us-nvidia-1758950-r4-web.pdf",
    _AMPERE,
)  # fmt: skip
H100 = Chip(
    # Printed with sparsity: 1,979 TFLOP/s bfloat16, 3,958 TOP/s int8.
    "H100 SXM", "SXM5 module, 80 GB", {"bfloat16": 989.5e12, "int8": 1979e12}, 3.35e12, True,
    "NVIDIA H100 data sheet, https://www.nvidia.com/en-us/data-center/h100/",
    _HOPPER,
)  # fmt: skip
H200 = Chip(
    # The arithmetic of the H100 with faster memory.
    "H200 SXM", "SXM5 module, 141 GB", {"bfloat16": 989.5e12, "int8": 1979e12}, 4.8e12, True,
    "NVIDIA H200 data sheet, https://www.nvidia.com/en-us/data-center/h200/",
    _HOPPER,
)  # fmt: skip
B200 = Chip(
    # Printed for eight, with sparsity: 36 PFLOP/s bfloat16, 72 POP/s int8 (HGX B200); 64 TB/s (DGX B200).
    "B200", "SXM module of an HGX or DGX B200", {"bfloat16": 2.25e15, "int8": 4.5e15}, 8.0e12, True,
    "NVIDIA HGX and DGX B200, https://www.nvidia.com/en-us/data-center/hgx/ and "
    "https://www.nvidia.com/en-us/data-center/dgx-b200/",
    _BLACKWELL,
)  # fmt: skip
TPU_V5E = Chip("TPU v5e", "one chip", {"bfloat16": 1.97e14, "int8": 3.94e14}, 8.2e11, False, _TPUS)
TPU_V5P = Chip("TPU v5p", "one chip", {"bfloat16": 4.59e14, "int8": 9.18e14}, 2.8e12, False, _TPUS)
TPU_V6E = Chip("TPU v6e", "one chip", {"bfloat16": 9.20e14, "int8": 1.84e15}, 1.6e12, False, _TPUS)

CHIPS: tuple[Chip, ...] = (A100, H100, H200, B200, TPU_V5E, TPU_V5P, TPU_V6E)
