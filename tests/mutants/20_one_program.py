"""One program does everything, in loops as on the CPU.

Caught by: programs
Cause: technique
Diagnosis: 1 programs for
"""

import torch
import triton
import triton.language as tl

BLOCK_N = 32


@triton.jit
def kernel(a, b, c, M, N, K, BLOCK_N: tl.constexpr):
    """Compute all of C."""
    for row in range(M):
        for start in range(0, N, BLOCK_N):
            columns = start + tl.arange(0, BLOCK_N)
            total = tl.zeros((BLOCK_N,), dtype=tl.float32)
            for k in range(K):
                x = tl.load(a + row * K + k).to(tl.float32)
                total += x * tl.load(b + k * N + columns).to(tl.float32)
            tl.store(c + row * N + columns, total)


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    kernel[(1,)](a, b, c, M, N, K, BLOCK_N=BLOCK_N)
    return c
