"""`mlk inspect`: what a GPU's compiler makes of a kernel, on a machine without one; and every way to get no answer."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mlsys_kernels.course.catalog import CATALOG, find_exercise
from mlsys_kernels.tracing.inspect_command import CannotInspectError, Request, inspection_of, parse_options
from mlsys_kernels.tracing.inspection import entry_of

MLK = Path(sys.executable).with_name("mlk")
ROOT = Path(__file__).parents[1]
SOLUTION = ROOT / "solutions" / "21_tiled_dot.py"
TEXT = SOLUTION.read_text(encoding="utf-8")
HEADER = "    M, K = a.shape\n"
"""The first line of matmul, which runs in Python."""
LARGE = "BLOCK_M=128,BLOCK_N=128,BLOCK_K=64,num_stages=3,num_warps=4"


def run(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MLK, "inspect", *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=400)


def inspect(*words: object, cwd: Path) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON object."""
    done = run(*words, "--json", cwd=cwd)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def changed(tmp_path: Path):
    """Write solution 21 with `old` replaced by `new`, outside of every gym; return the file."""

    def write(old: str, new: str) -> Path:
        assert old in TEXT
        path = tmp_path / "21_tiled_dot.py"
        path.write_text(TEXT.replace(old, new), encoding="utf-8")
        return path

    return write


def families(kernel: dict[str, Any]) -> set[str]:
    return {each["family"] for each in kernel["matrix"]}


@pytest.mark.parametrize(
    ("target", "family", "shared", "stages"),
    [("sm_90", "wgmma", 98_304, 3), ("sm_80", "mma.sync", 65_536, 2), ("sm_100", "tcgen05", 98_320, 3)],
)
def test_each_nvidia_generation_has_its_instruction_and_its_stages(
    tmp_path: Path, target: str, family: str, shared: int, stages: int
) -> None:
    code, found = inspect(SOLUTION, "--target", target, "--what-if", LARGE, cwd=tmp_path)
    small, large = (variant["kernels"][0] for variant in found["variants"])

    assert code == 0
    assert found["variants"][0]["tiles"] == {"BLOCK_M": 64, "BLOCK_N": 64, "BLOCK_K": 32}
    assert families(small) == families(large) == {family}
    assert (large["shared_bytes"], large["stages_in_shared"], large["stage_bytes"]) == (shared, stages, 32_768)
    assert large["spilled_bytes_per_thread"] == 0
    assert small["registers_per_thread"] < large["registers_per_thread"] <= 255
    assert {(each["bytes"], each["async"]) for each in large["memory"] if each["space"] == "global"} == {
        (16, True),
        (16, False),
    }


def test_an_amd_chip_multiplies_with_mfma_and_lines_stand_beside_their_code(tmp_path: Path) -> None:
    code, found = inspect(SOLUTION, "--target", "gfx942", cwd=tmp_path)
    (kernel,) = found["variants"][0]["kernels"]
    dot = next(number for number, line in enumerate(TEXT.splitlines(), start=1) if "tl.dot(tl.load" in line)
    beside = {each["line"]: [group["opcode"] for group in each["instructions"]] for each in kernel["lines"]}

    assert code == 0
    assert families(kernel) == {"mfma"}
    assert any(opcode.startswith("v_mfma") for opcode in beside[dot])


def test_a_stub_is_still_todo(tmp_path: Path) -> None:
    done = run(ROOT / "tests" / ".." / "exercises" / "21_tiled_dot.py", cwd=tmp_path)

    assert done.returncode == 3
    assert "still to be written" in done.stderr


def test_a_stub_of_which_only_the_kernel_is_missing_is_still_todo(changed) -> None:
    path = changed("    rows = tl.program_id(0)", '    raise NotImplementedError("todo")\n    rows = tl.program_id(0)')

    assert run(path, cwd=path.parent).returncode == 3


def test_the_text_is_at_most_80_columns_wide_and_compares(tmp_path: Path) -> None:
    done = run(SOLUTION, "--what-if", "num_stages=8,num_warps=8", "--what-if", "BLOCK_K=8", cwd=tmp_path)

    assert done.returncode == 1, "BLOCK_K = 8 is refused"
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "8 x 8,192" in done.stdout
    assert "K >= 16" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("BLOCK_K=BLOCK_K)", "BLOCK_K=8)", "Input shapes should have M >= 1, N >= 1 and K >= 16"),
        ("tl.zeros", "tl.zeroes", "AttributeError: module 'triton.language' has no attribute 'zeroes'"),
    ],
)
def test_the_compilers_sentence_comes_with_the_line(changed, old: str, new: str, sentence: str) -> None:
    path = changed(old, new)
    code, found = inspect(path, cwd=path.parent)
    wanted = "tl.dot(tl.load" if "K >= 16" in sentence else "zeroes"
    (line,) = (n for n, text in enumerate(path.read_text().splitlines(), start=1) if wanted in text)

    assert code == 1
    assert (found["variants"][0]["verdict"], found["variants"][0]["line"]) == ("refused", line)
    assert sentence in found["variants"][0]["message"]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("while True: pass", "does a loop never end?"),
        ("import os; os._exit(3)", "exit code 3"),
        ("x = bytearray(1 << 36)", "more memory than the 3 GiB"),
        ("return a", "launched no kernel"),
    ],
    ids=["endless loop", "exit", "memory", "no launch"],
)
def test_a_file_that_gets_nowhere_gives_a_sentence(changed, statement: str, sentence: str) -> None:
    path = changed(HEADER, f"    {statement}\n{HEADER}")
    done = run(path, "--seconds", 2, cwd=path.parent)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_megabyte_of_output_is_cut(changed) -> None:
    path = changed(HEADER, f"    print('x' * 1_000_000)\n{HEADER}")
    code, found = inspect(path, cwd=path.parent)

    assert code == 0
    assert found["output"] == "x" * 500


def test_what_is_no_python_is_unreadable(changed) -> None:
    path = changed("def matmul", "deff matmul")
    done = run(path, cwd=path.parent)

    assert done.returncode == 4
    assert "Python cannot read the file" in done.stderr


def test_the_second_time_comes_from_the_gym_and_imports_no_compiler(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest]\nmlsys_gym = true\n")
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "21_tiled_dot.py").write_text(TEXT, encoding="utf-8")
    _, first = inspect(21, cwd=tmp_path)
    code = "import sys\nfrom mlsys_kernels.cli import app\ntry:\n    app(['inspect', '21', '--json'])\nfinally:\n    "
    code += "print(*sys.modules, file=sys.stderr)"
    again = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    second = json.loads(again.stdout)

    assert not {name.split(".")[0] for name in again.stderr.split()} & {"torch", "triton", "numba"}
    assert second == first | {"cached": True}
    (tmp_path / "exercises" / "21_tiled_dot.py").write_text(TEXT + "\n# changed\n", encoding="utf-8")
    assert not inspect(21, cwd=tmp_path)[1]["cached"]


def test_ctrl_c_ends_the_process_that_compiles(changed) -> None:
    path = changed(HEADER, f"    open('started', 'w').close()\n    while True: pass\n{HEADER}")
    mark = f"    open({str(path.parent / 'started')!r}, 'w').write(str(__import__('os').getpid()))\n"
    path.write_text(path.read_text().replace("    open('started', 'w').close()\n", mark))
    started = subprocess.Popen([MLK, "inspect", path], cwd=path.parent, stderr=subprocess.PIPE, text=True)
    while not (path.parent / "started").exists() or not (path.parent / "started").read_text():
        assert started.poll() is None
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    _, told = started.communicate(timeout=60)

    assert started.returncode == 130
    assert told == "mlk inspect: stopped; nothing was kept\n"
    with pytest.raises(ProcessLookupError):
        os.kill(int((path.parent / "started").read_text()), 0)


@pytest.mark.parametrize(
    ("what", "target", "what_if", "code", "sentence"),
    [
        ("21", "sm_75", "num_warps=4", 2, "there is no target sm_75; there are sm_80, sm_90, sm_100, gfx942"),
        ("01", "sm_90", "num_warps=4", 2, "`mlk bench 01`"),
        ("25", "sm_90", "num_warps=4", 2, "nothing is compiled"),
        ("99", "sm_90", "num_warps=4", 2, "there is no exercise 99"),
        ("gone/21_tiled_dot.py", "sm_90", "num_warps=4", 4, "there is no file gone/21_tiled_dot.py"),
        ("21", "sm_90", "num_warps", 2, "is not like num_stages=4"),
        ("21", "sm_90", "", 2, "is not like num_stages=4"),
        ("21", "sm_90", "warps=4", 2, "it knows num_stages, num_warps, BLOCK_M"),
        ("21", "sm_90", "num_warps=4,num_warps=8", 2, "sets num_warps twice"),
        ("21", "sm_90", "num_warps=-4", 2, "whole number, 1 to 65,536; not -4"),
        ("21", "sm_90", "num_warps=1e9", 2, "not 1e9"),
    ],
)
def test_bad_words_are_answered_before_anything_is_compiled(
    tmp_path: Path, what: str, target: str, what_if: str, code: int, sentence: str
) -> None:
    with pytest.raises(CannotInspectError) as caught:
        inspection_of(Request(what, None, target, (what_if,), 60.0), tmp_path)

    assert caught.value.code == code
    assert sentence in str(caught.value)


def test_options_are_whole_numbers_by_name() -> None:
    exercise = find_exercise("21")
    assert exercise is not None
    assert parse_options("num_stages=4, num_warps=8", exercise) == {"num_stages": 4, "num_warps": 8}


def test_every_triton_exercise_has_a_call_that_launches() -> None:
    calls = {exercise.slug: entry_of(exercise) for exercise in CATALOG if exercise.needs == "triton"}

    assert None not in calls.values()
    assert calls["23_coalescing"] == ("copy", ("mn",))
    assert calls["26_dispatch"] == ("matmul_triton", ("mk", "kn"))
    assert calls["27_fused_epilogue"] == ("matmul_bias_relu", ("mk", "kn", "n"))
