"""What C would be if bias and ReLU, which follow the product, had been done wrongly."""

from collections.abc import Iterator

import numpy as np

from mlsys_kernels.course.spec import DType, unchanged
from mlsys_kernels.grading.diagnosis.evidence import Evidence, Suspect, rounded

STEPS = (1, 2, 4, 8, 16, 32, 64, 128)
"""Sizes of a tile of K for mistakes that are made once per tile and whose result is not linear."""


def epilogue(evidence: Evidence) -> Iterator[Suspect]:
    """Mistakes in bias and ReLU, where the call has a bias: its third array."""
    expect = evidence.expect
    if expect.finish is unchanged or len(evidence.operands) < 3:
        return
    product, bias = expect.a @ expect.b, evidence.operands[2].values
    m, n = product.shape
    ragged = np.zeros(m)
    ragged[: min(m, n)] = bias[:m]
    within = np.broadcast_to((np.arange(m) < n)[:, None], (m, n))
    zero = 0.0
    yield Suspect("epilogue-missing", "the product is right, but what follows it (bias, ReLU) is missing", product)
    yield Suspect("epilogue-missing", "the bias is missing: this is ReLU(A B)", np.maximum(product, zero))
    yield Suspect("epilogue-missing", "ReLU is missing: this is A B + bias", product + bias)
    yield Suspect("relu-before-bias", "ReLU comes before the bias is added: this is ReLU(A B) + bias",
                  np.maximum(product, zero) + bias)  # fmt: skip
    yield Suspect("relu-before-bias", "ReLU comes before the bias, and again after it: negative products are lost",
                  np.maximum(np.maximum(product, zero) + bias, zero))  # fmt: skip
    yield Suspect("bias-per-row", "the bias is added to rows: bias[i] where bias[j] is meant",
                  np.maximum(product + ragged[:, None], zero), known=within)  # fmt: skip
    yield Suspect("bias-wrong", "the bias is subtracted", np.maximum(product - bias, zero))
    yield Suspect("bias-wrong", "bias[0] is added everywhere", np.maximum(product + bias[:1], zero))
    yield Suspect("relu-before-bias", "ReLU keeps the wrong side: it is min(x, 0)", np.minimum(product + bias, zero))
    yield Suspect("absolute-values", "the sign is dropped instead of the value: |x| in place of ReLU(x)",
                  np.abs(product + bias))  # fmt: skip
    for times in range(2, evidence.terms + 1):
        cause = f"the bias is added {times} times: once per step over K, not once at the end"
        yield Suspect("bias-every-step", cause, np.maximum(product + times * bias, zero))
    halves: tuple[DType, ...] = ("float16", "bfloat16")
    for dtype in halves:
        cause = f"the product is rounded to {dtype} before the bias is added: the sum is kept in {dtype}"
        yield Suspect("half-accumulator", cause, expect.finish(rounded(product, dtype)))
    for step in STEPS:
        if step < evidence.terms:
            c = np.zeros(product.shape)
            for k in range(0, evidence.terms, step):
                c = np.maximum(c + expect.a[:, k : k + step] @ expect.b[k : k + step], zero)
            cause = f"ReLU is applied at every step over K (every {step} terms), not once at the end"
            yield Suspect("relu-every-step", cause, np.maximum(c + bias, zero))
