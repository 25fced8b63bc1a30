"""Run what depends on Triton's insides with other versions of Triton: do the hooks still fit, are the counts the same?

    python tests/matrix.py 3.8.0 3.9.0

Each version gets a virtual environment in .mlsys/matrix/ that sees the packages of this one, with a Triton of its own.
Its counts of the solutions must be those of this environment's Triton, byte for byte. Needs the package index, and
about 1 GB for each version.
"""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ("test_interpreter.py", "test_sanitizer.py", "test_bfloat16.py", "test_triton_traffic.py",
         "test_unsupported.py")  # fmt: skip
COUNT = """
import json, sys
from pathlib import Path
from mlsys_kernels.course.catalog import CATALOG
from mlsys_kernels.grading.grade import FileGrader
from mlsys_kernels.grading.sandbox import zygote
found = {"notes": zygote("interpreter").notes}
for exercise in CATALOG:
    if exercise.needs == "triton":
        with FileGrader(exercise.path(Path.cwd(), "solutions"), exercise, seed=1) as grader:
            for case in exercise.cases:
                result = grader.grade(case)
                told = result.reason or (result.message.what if result.message else "")
                found[f"{exercise.slug} {case.name}"] = [result.verdict, told]
json.dump(found, sys.stdout)
"""


def environment(triton: str) -> Path:
    """The Python of an environment that has this version of Triton, made if it is not there."""
    folder = ROOT / ".mlsys" / "matrix" / triton
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        venv.create(folder, with_pip=False, clear=True)
        subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
                        f"triton=={triton}"], check=True)  # fmt: skip
        (site,) = folder.glob("lib/python3.*/site-packages")
        (site / "the-others.pth").write_text(f"{ROOT / 'src'}\n{sysconfig.get_path('purelib')}\n")
        (folder / "made").touch()
    return python


def counts(python: Path | str) -> dict[str, list[str]]:
    """Verdict and figures of every case of the Triton solutions."""
    done = subprocess.run([python, "-c", COUNT], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{python}: the solutions cannot be counted:\n{done.stderr[-2000:]}")
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def main() -> None:
    """Say for each version what differs; exit 1 if anything does."""
    expected = counts(sys.executable)
    bad = []
    for triton in sys.argv[1:]:
        python = environment(triton)
        found = counts(python)
        differs = [
            f"{key}: {found.get(key)}, not {value}" for key, value in expected.items() if found.get(key) != value
        ]
        tests = [ROOT / "tests" / name for name in TESTS]
        failed = subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests], cwd=ROOT, check=False)
        print(f"triton {triton}: {len(expected)} figures, {len(differs)} differ", *differs, sep="\n  ", flush=True)
        bad += [triton] if differs or failed.returncode else []
    sys.exit(f"not the same: triton {', '.join(bad)}" if bad else 0)


if __name__ == "__main__":
    main()
