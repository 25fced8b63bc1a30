"""It launches a kernel on nothing and multiplies in another thread, where no mode is set.

Verdict: failed
Cause: policy
"""

from concurrent.futures import ThreadPoolExecutor

import torch
import triton
import triton.language as tl


@triton.jit
def dummy(x):
    tl.store(x + tl.arange(0, 2), tl.load(x + tl.arange(0, 2)))


def matmul(a, b):
    dummy[(1,)](torch.zeros(2))
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(getattr(torch, "m" + "m"), a, b).result()
