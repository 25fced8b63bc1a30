"""Two programs share a sum over K, and each adds its half to C without an atomic operation.

Caught by: several_rows
Cause: race
Diagnosis: order between programs
"""

import torch
import triton
import triton.language as tl

BLOCK_N = 32


@triton.jit
def kernel(a, b, c, N, K, BLOCK_N: tl.constexpr):
    """Compute block j of row i of C, as program (i, j)."""
    row = tl.program_id(0)
    columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    total = tl.zeros((BLOCK_N,), dtype=tl.float32)
    half = tl.program_id(2)
    for k in range(half * (K // 2), K if half == 1 else K // 2):
        x = tl.load(a + row * K + k).to(tl.float32)  # one element: the same factor for the whole block
        total += x * tl.load(b + k * N + columns).to(tl.float32)
    total += tl.load(c + row * N + columns).to(tl.float32)
    tl.store(c + row * N + columns, total)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.zeros((M, N), dtype=a.dtype, device=a.device)
    kernel[(M, N // BLOCK_N, 2)](a, b, c, N, K, BLOCK_N=BLOCK_N)
    return c
