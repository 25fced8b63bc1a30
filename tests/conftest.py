"""What all tests share: how hypothesis runs, and a record of a run as `mlk bench` writes it, with made-up speeds."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

# A slow moment of the machine is no failure: no deadlines, no complaint about slow drawing.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

SPEEDS = {  # GFLOP/s, the same at every size, and what each rung improves on
    "python": (0.025, None),
    "solution:01_naive": (2.0, "python"),
    "mine:01_naive": (1.0, "python"),
    "solution:04_loop_order": (16.0, "01_naive"),
    "solution:06_tiled": (4.0, "04_loop_order"),
    "mine:06_tiled": (8.0, "04_loop_order"),
    "torch": (60.0, None),
    "numpy": (64.0, None),
}
LARGEST = {"python": 64, "solution:01_naive": 256, "mine:01_naive": 256}


def bench(name: str, n: int, gflops: float, over: str | None, predicted: float | None = None, at: int = 4096) -> dict:
    """One benchmark as pytest-benchmark writes it; the samples' median is exact."""
    seconds = 2 * n**3 / gflops / 1e9
    role = name.split(":")[0] if ":" in name else "python" if name == "python" else "library"
    slug, _, threads = name.partition(":")[2].partition("@")
    ours = {
        "schema": 1, "op": "matmul", "contestant": name, "role": role, "shape": [n, n, n], "dtype": "float32",
        "exercise": slug or None, "threads": int(threads or 1), "flops": 2 * n**3, "bytes": 12 * n * n,
        "duel": f"duel{n}", "rounds": [0, 1, 2], "compile_s": 0.4 if ":" in name else None,
        "predicted_speedup": predicted, "speedup_over": over, "speedup_n": at,
    }  # fmt: skip
    data = [seconds * 1.5, seconds, seconds * 0.75]
    return {"name": f"test[{n}-{name}]", "extra_info": {"mlsys": ours}, "stats": {"data": data, "median": seconds}}


def document(speeds=SPEEDS, sizes=(64, 256, 512), machine="abc") -> dict:
    """A whole record."""
    benches = [
        bench(name, n, gflops, over, 100.0 if name == "mine:01_naive" else 3.0 if name == "mine:06_tiled" else None)
        for n in sizes
        for name, (gflops, over) in speeds.items()
        if n <= LARGEST.get(name, 4096)
    ]
    environment = {"machine": machine, "cpu": "A CPU", "cores": 2, "system": "Linux", "python": "3.11.7",
                   "versions": {"numpy": "2.4.6"}}  # fmt: skip
    note = {"contestant": "mine:04_loop_order", "n": 64, "why": "still todo", "failed": False}
    run = {
        "schema": 1,
        "environment": environment,
        "threads": {"numba": 1},
        "protocol": {"budget_s": 0.3},
        "notes": [note],
    }
    return {"benchmarks": benches, "datetime": "2026-11-22T21:45:57+00:00", "machine_info": {}, "mlsys": run}


@pytest.fixture(scope="session")
def fake_run() -> SimpleNamespace:
    """`document()` makes a whole record, `bench()` one benchmark of it, `speeds` are its GFLOP/s."""
    return SimpleNamespace(document=document, bench=bench, speeds=SPEEDS)


@pytest.fixture
def write_run(tmp_path):
    """Write a record and return its path."""

    def written(content, name="run.json") -> Path:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return written
