"""C = A B in Triton: one program per tile of C, any shape, any strides.

Contract: `gemm` takes 2-D CUDA tensors that are already known to fit; `mlsys_kernels.matmul` is what checks them.
float16, bfloat16 and float32 are summed in float32, float64 in float64. float32 operands keep all their bits
(input_precision="ieee"); tf32, Triton's default, would drop 13 of the 24.
Programs run in groups of GROUP_M tile rows, so that tiles which run at the same time share rows of A and columns of B
in L2: the order of Triton's tutorial 03, https://triton-lang.org/main/getting-started/tutorials/03-matrix-multiplication.html
Limits: this kernel has run in Triton's interpreter only, on small shapes, and not yet on a GPU; nothing in CONFIG is
tuned. In the interpreter (TRITON_INTERPRET=1, set before this import) tensors may be on the CPU, bfloat16 is wrong.
"""

import torch
import triton
import triton.language as tl

GROUP_M = 8

# With these, Triton 3.7.1 compiles the 16-bit kernel to 64 KiB of shared memory on compute capability 8 and 96 KiB on 9
# and 10; the smallest limit among them is 99 KiB for a program, on 8.6 and 8.9 (CUDA C++ Programming Guide, technical
# specifications per compute capability). float32 has no tensor core that keeps all its bits, and float64 sums fill
# twice the registers: smaller tiles.
CONFIG = {
    torch.float16: {"BLOCK_M": 128, "BLOCK_N": 128, "BLOCK_K": 64, "num_warps": 8, "num_stages": 3},
    torch.bfloat16: {"BLOCK_M": 128, "BLOCK_N": 128, "BLOCK_K": 64, "num_warps": 8, "num_stages": 3},
    torch.float32: {"BLOCK_M": 64, "BLOCK_N": 64, "BLOCK_K": 32, "num_warps": 4, "num_stages": 3},
    torch.float64: {"BLOCK_M": 64, "BLOCK_N": 64, "BLOCK_K": 16, "num_warps": 4, "num_stages": 3},
}


def gemm(a: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> None:
    """Overwrite c (M, N) with the product of a (M, K) and b (K, N); one dtype of CONFIG, one device for all.

    Nothing is checked. `c` may have any strides, and may share memory with a or b.
    """
    m, k = a.shape
    n = b.shape[1]
    if m == 0 or n == 0:
        return
    memory = c.untyped_storage().data_ptr()
    # Tiles of C are written while others still read A and B. Same storage is enough to be careful.
    if memory in (a.untyped_storage().data_ptr(), b.untyped_storage().data_ptr()):
        target = torch.empty_like(c, memory_format=torch.contiguous_format)
    else:
        target = c
    config = CONFIG[c.dtype]
    tiles = triton.cdiv(m, config["BLOCK_M"]) * triton.cdiv(n, config["BLOCK_N"])
    # Triton launches on the current device, which need not be the tensors'.
    with torch.cuda.device_of(c):  # type: ignore[no-untyped-call]
        matmul_kernel[(tiles,)](
            a, b, target, m, n, k, *a.stride(), *b.stride(), *target.stride(),
            ACC=tl.float64 if c.dtype == torch.float64 else tl.float32, GROUP_M=GROUP_M, **config,
        )  # fmt: skip
    if target is not c:
        c.copy_(target)


@triton.jit
def matmul_kernel(  # type: ignore[no-untyped-def]
    a_ptr, b_ptr, c_ptr, M, N, K,
    stride_am, stride_ak, stride_bk, stride_bn, stride_cm, stride_cn,
    ACC: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr, GROUP_M: tl.constexpr,
):  # fmt: skip
    """Compute one BLOCK_M x BLOCK_N tile of C; strides count elements."""
    pid = tl.program_id(0)
    tiles_m = tl.cdiv(M, BLOCK_M)
    tiles_n = tl.cdiv(N, BLOCK_N)
    # Down a column of GROUP_M tiles, then the next column; the last group may be shorter.
    first_m = pid // (GROUP_M * tiles_n) * GROUP_M
    rows = min(tiles_m - first_m, GROUP_M)
    pid_m = first_m + pid % (GROUP_M * tiles_n) % rows
    pid_n = pid % (GROUP_M * tiles_n) // rows

    # 64 bits: an element's distance from the first one can pass 2^31 though every index is small.
    offs_m = (pid_m * BLOCK_M + tl.arange(0, BLOCK_M)).to(tl.int64)[:, None]
    offs_n = (pid_n * BLOCK_N + tl.arange(0, BLOCK_N)).to(tl.int64)[None, :]
    offs_k = tl.arange(0, BLOCK_K).to(tl.int64)
    a_rows = a_ptr + offs_m * stride_am
    b_cols = b_ptr + offs_n * stride_bn
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=ACC)
    for k in range(0, K, BLOCK_K):
        terms = k + offs_k
        # Past the end of K both factors are 0. A stray value in one alone would be enough for a wrong sum, or NaN.
        a = tl.load(a_rows + terms[None, :] * stride_ak, mask=(offs_m < M) & (terms[None, :] < K), other=0.0)
        b = tl.load(b_cols + terms[:, None] * stride_bk, mask=(terms[:, None] < K) & (offs_n < N), other=0.0)
        acc = tl.dot(a, b, acc, input_precision="ieee", out_dtype=ACC)
    c_ptrs = c_ptr + offs_m * stride_cm + offs_n * stride_cn
    tl.store(c_ptrs, acc.to(c_ptr.dtype.element_ty), mask=(offs_m < M) & (offs_n < N))
