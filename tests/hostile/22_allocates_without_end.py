"""It keeps more and more tensors (6 GB at most).

Verdict: failed | error
Cause: memory | crash
"""

import time

import torch

kept = []


def matmul(a, b):
    while len(kept) < 96:
        kept.append(torch.ones(1 << 24))
    time.sleep(1)
    return torch.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
