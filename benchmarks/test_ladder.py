"""Every rung of the CPU ladder beside the rung below, NumPy and torch: square float32 matrices, one thread.

The contestants of one size are timed side by side in a process of their own (mlsys_kernels.bench.ladder); each test
replays its own samples. How long something takes never fails a test; a wrong product does.
"""

import pytest

from mlsys_kernels.bench.ladder import Failed, NoContestant, Timed
from mlsys_kernels.bench.replay import CLOCK, replay


@pytest.mark.benchmark(timer=CLOCK)
def test_matmul(benchmark, ladder, n, contestant):
    """The product of two n x n matrices."""
    benchmark.group = f"matmul float32, 1 thread, n = {n:4}"
    answer = ladder.answer(n, contestant, timing=benchmark.enabled)
    if isinstance(answer, NoContestant):
        pytest.skip(f"{contestant}: {answer.why}")
    if isinstance(answer, Failed):
        pytest.fail(f"{contestant} at n = {n} gets no number: {answer.why}", pytrace=False)
    if isinstance(answer, Timed):
        benchmark.extra_info["mlsys"] = answer.record
        replay(benchmark, answer.samples.seconds)
    else:
        benchmark.pedantic(lambda: None)
