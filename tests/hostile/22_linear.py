"""It uses the product inside a neural network's layer.

Verdict: failed
Cause: policy
"""

import torch


def matmul(a, b):
    layer = torch.nn.functional.linear
    return layer(a, b.t())
