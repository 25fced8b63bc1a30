"""`mlk bench` as it is used: from a gym, in processes of its own, interrupted."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mlsys_kernels.report.read import read_run

RIGHT = "import numpy as np\ndef matmul(a, b):\n    return np.einsum('ik,kj->ij', a, b)\n"
TODO = "def matmul(a, b):\n    raise NotImplementedError('01_naive: write it')\n"


@pytest.fixture
def gym(tmp_path):
    """A gym with one exercise, solved with NumPy, whose path has a space in it."""
    gym = tmp_path / "my gym"
    for folder in ("exercises", "solutions"):
        (gym / folder).mkdir(parents=True)
        (gym / folder / "01_naive.py").write_text("PREDICTED_SPEEDUP = 30\n" + RIGHT)
    (gym / "exercises" / "01_naive.py").write_text(TODO)
    (gym / "pyproject.toml").write_text("[tool.pytest]\nmlsys_gym = true\n")
    return gym


def _environment():
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    return inherited | {"NO_COLOR": "1", "COLUMNS": "100"}


def test_mlk_bench_writes_a_record_that_the_report_and_pytest_benchmark_read(gym):
    command = [sys.executable, "-c", "from mlsys_kernels.cli import main; main()"]
    bench = subprocess.run(
        [*command, "bench", "01", "--sizes", "8,16", "--quick", "--json", "out/run.json"],
        cwd=gym, env=_environment(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert bench.returncode == 0, bench.stderr
    text = (gym / "out" / "run.json").read_text()
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))
    run = read_run(gym / "out" / "run.json")
    assert "UNSERIALIZABLE" not in text
    assert {(r.contestant, r.n) for r in run.records} >= {("numpy", 8), ("solution:01_naive", 16), ("python", 16)}
    assert {note.contestant for note in run.notes} == {"mine:01_naive"}
    assert document["benchmarks"][0]["options"]["timer"] == "mlsys_replay"
    assert "node" not in document["machine_info"]
    assert "GFLOP/s at n =" in bench.stdout
    assert [path.name for path in (gym / "out").iterdir()] == ["run.json"]

    compared = subprocess.run(
        [sys.executable, "-c", "from pytest_benchmark.cli import main; main()", "compare", "out/run.json"],
        cwd=gym, env=_environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert compared.returncode == 0
    assert "n8-numpy" in compared.stdout


def test_ctrl_c_ends_mlk_bench_with_one_line_and_leaves_no_process_and_no_file(gym):
    marker = gym / "pid"
    hang = f"import os\nopen({str(marker)!r}, 'w').write(str(os.getpid()))\ndef matmul(a, b):\n    while True: pass\n"
    (gym / "solutions" / "01_naive.py").write_text(hang)
    code = "from mlsys_kernels.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "bench", "01", "--sizes", "8", "--json", "out/run.json"],
        cwd=gym, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (marker.exists() and marker.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 130
    assert errors.strip().splitlines()[-1] == "mlk bench: stopped; nothing was written"
    assert "Traceback" not in errors
    assert list((gym / "out").iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(marker.read_text()), 0)
