"""What is written down: our part of a pytest-benchmark JSON file, in plain values only.

Every benchmark has `extra_info["mlsys"]` (`record`), the file itself has `mlsys` (`run_record`). `SCHEMA` grows when a
reader that knows the old one would misread the new one; added keys alone do not change it. The samples themselves are
pytest-benchmark's `stats.data`; `rounds` has the round of each, so that samples of one duel can be paired.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from statistics import median
from typing import Any

from mlsys_kernels import __version__
from mlsys_kernels.bench.duel import BLOCK_S, Samples
from mlsys_kernels.bench.plan import Contestant, Pace
from mlsys_kernels.course.problems.matmul import compulsory_bytes, flops

SCHEMA = 1

VERSIONED = ("numpy", "numba", "llvmlite", "torch", "pytest-benchmark")
VOLATILE_CPU_KEYS = ("hz_actual", "hz_actual_friendly", "hz_advertised", "hz_advertised_friendly")


def record(
    contestant: Contestant,
    shape: tuple[int, int, int],
    samples: Samples,
    duel: str,
    compile_s: float | None,
    predicted: float | None,
) -> dict[str, Any]:
    """The record of one contestant at one shape, float32, row-major operands.

    Args:
        contestant: who was timed.
        shape: (M, N, K).
        samples: seconds per call, with the round of each.
        duel: names the duel that the samples come from; records of one duel may be paired.
        compile_s: seconds that the first call took beyond the second, None for the baselines.
        predicted: the learner's PREDICTED_SPEEDUP, if there is one.
    """
    exercise = contestant.exercise
    work = flops(*shape)
    return {
        "schema": SCHEMA,
        "op": "matmul",
        "contestant": contestant.name,
        "role": contestant.role,
        "exercise": exercise.slug if exercise else None,
        "shape": list(shape),
        "dtype": "float32",
        "layout": "CC",
        "device": "cpu",
        "threads": contestant.threads,
        "cache": "warm",
        "flops": work,
        "bytes": compulsory_bytes(*shape, itemsize=4),
        "gflops": work / median(samples.seconds) / 1e9,
        "duel": duel,
        "rounds": list(samples.rounds),
        "inner": samples.inner,
        "clock": "perf_counter",
        "compile_s": compile_s,
        "predicted_speedup": predicted,
        "speedup_over": exercise.speedup_over if exercise else None,
        "speedup_n": exercise.speedup_n if exercise else None,
    }


def run_record(cpu: str | None, pools: Mapping[str, int], pace: Pace, notes: list[dict[str, Any]]) -> dict[str, Any]:
    """The record of the whole run: where and how it was measured, and who was left out.

    Args:
        cpu: the processor's name.
        pools: threads of each library's pool, as read back.
        pace: how long the duels took.
        notes: who was not timed at which size, and why.
    """
    return {
        "schema": SCHEMA,
        "environment": environment(cpu),
        "threads": dict(pools),
        "protocol": {"order": "random within each round", "block_s": BLOCK_S, "budget_s": pace.budget_s,
                     "longest_call_s": pace.longest_call_s, "operands": "normal random values, 64-byte aligned"},
        "notes": notes,
    }  # fmt: skip


def environment(cpu: str | None) -> dict[str, Any]:
    """The machine and the versions, without the host's name.

    `machine` is the same for every run on one machine; the load and the processor's clock, which change from minute to
    minute, are no part of it.
    """
    stable = (cpu, platform.machine(), platform.system(), os.cpu_count())
    return {
        "machine": hashlib.sha256(repr(stable).encode()).hexdigest()[:12],
        "cpu": cpu,
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "release": platform.release(),
        "python": platform.python_version(),
        "versions": {"mlsys-kernels": __version__}
        | {name: version for name in VERSIONED if (version := _version(name))},
        "load": round(os.getloadavg()[0], 2) if sys.platform != "win32" else None,
    }


def stable_machine_info(machine_info: dict[str, Any]) -> None:
    """Drop from pytest-benchmark's machine_info what changes between two runs, and the host's name.

    pytest-benchmark compares the whole dictionary and would call a clock that is 1 kHz off another machine.
    """
    machine_info.pop("node", None)
    for key in VOLATILE_CPU_KEYS:
        machine_info.get("cpu", {}).pop(key, None)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
