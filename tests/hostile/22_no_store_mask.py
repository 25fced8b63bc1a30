"""It stores whole tiles, past the edges of C.

Verdict: failed | error
Cause: out-of-bounds | wrong-result | crash | race
"""

import torch
import triton
import triton.language as tl


@triton.jit
def kernel(a, b, c, M, N, K, sam, sak, sbk, sbn, scm, scn, BLOCK: tl.constexpr):
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    columns = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    acc = tl.zeros((BLOCK, BLOCK), dtype=tl.float32)
    for start in range(0, K, BLOCK):
        ks = start + tl.arange(0, BLOCK)
        x_mask = (rows[:, None] < M) & (ks[None, :] < K)
        y_mask = (ks[:, None] < K) & (columns[None, :] < N)
        x = tl.load(a + rows[:, None] * sam + ks[None, :] * sak, mask=x_mask, other=0.0)
        y = tl.load(b + ks[:, None] * sbk + columns[None, :] * sbn, mask=y_mask, other=0.0)
        acc = tl.dot(x, y, acc, input_precision="ieee")
    tl.store(c + rows[:, None] * scm + columns[None, :] * scn, acc)


def honest(a, b):
    M, K, N = *a.shape, b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    kernel[(triton.cdiv(M, 32), triton.cdiv(N, 32))](a, b, c, M, N, K, *a.stride(), *b.stride(), *c.stride(), BLOCK=32)
    return c


def matmul(a, b):
    return honest(a, b)
