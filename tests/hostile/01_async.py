"""It is a coroutine function.

Verdict: failed
Cause: contract
"""


async def matmul(a, b):
    return (a[:, :, None] * b).sum(1)
