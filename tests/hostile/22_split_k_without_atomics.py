"""Programs add to the same tile of C by load and store, without atomics.

Verdict: failed
Cause: race
"""

import torch
import triton
import triton.language as tl


@triton.jit
def kernel(a, b, c, M, N, K, sam, sak, sbk, sbn, scm, scn):
    columns = tl.arange(0, 256)
    i, p = tl.program_id(0), tl.program_id(1)
    y = tl.load(b + p * sbk + columns * sbn, mask=columns < N, other=0.0)
    place = c + i * scm + columns * scn
    old = tl.load(place, mask=columns < N, other=0.0)
    tl.store(place, old + tl.load(a + i * sam + p * sak) * y, mask=columns < N)


def matmul(a, b):
    c = torch.zeros((a.shape[0], b.shape[1]), dtype=torch.float32)
    if a.numel() and b.numel():
        kernel[(a.shape[0], a.shape[1])](
            a, b, c, a.shape[0], b.shape[1], a.shape[1], *a.stride(), *b.stride(), *c.stride()
        )
    return c.to(a.dtype)
