"""Program 0 clears C for the others, which need not run after it.

Verdict: failed
Cause: race | wrong-result
"""

import torch
import triton
import triton.language as tl


@triton.jit
def kernel(a, b, c, N, K, sam, sak, sbk, sbn, scm, scn, SIZE: tl.constexpr):
    i, j = tl.program_id(0), tl.arange(0, 256)
    if i == 0:
        tl.store(
            c + tl.arange(0, SIZE),
            tl.zeros((SIZE,), dtype=tl.float32),
            mask=tl.arange(0, SIZE) < tl.num_programs(0) * N,
        )
    acc = tl.zeros((256,), dtype=tl.float32)
    for p in range(0, K):
        acc += tl.load(a + i * sam + p * sak).to(tl.float32) * tl.load(b + p * sbk + j * sbn, mask=j < N, other=0.0)
    tl.atomic_add(c + i * scm + j * scn, acc, mask=j < N)


def matmul(a, b):
    c = torch.empty((a.shape[0], b.shape[1]), dtype=torch.float32)
    if c.numel():
        size = triton.next_power_of_2(c.numel())
        kernel[(a.shape[0],)](a, b, c, c.shape[1], a.shape[1], *a.stride(), *b.stride(), *c.stride(), SIZE=size)
    return c.to(a.dtype)
