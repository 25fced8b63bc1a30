"""Grade for hours with every core loaded: no right file may ever fail, no known mistake may ever pass.

    python tests/soak.py RESULT.json [REFERENCES [MUTANTS]]

Repeats every reference solution REFERENCES times (200) and every mutant MUTANTS times (20), on fresh inputs each time.
What is done is in RESULT.json, so that a run that was stopped goes on where it was. With no failure in n trials, the
chance of a failure is below 3 / n, with 95 % confidence (the rule of three).
"""

import json
import multiprocessing
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mlsys_kernels.course.catalog import CATALOG
from mlsys_kernels.course.spec import Exercise
from mlsys_kernels.grading.available import triton_installed
from mlsys_kernels.grading.grade import fresh_seed, grade_file
from mlsys_kernels.grading.result import course_hash, standing, write_atomically

TESTS = Path(__file__).parent


def spin() -> None:
    """Load one core."""
    while True:
        pass


def files() -> list[tuple[str, Exercise, Path]]:
    """("right" or "wrong", exercise, file) for everything that is repeated."""
    here = [exercise for exercise in CATALOG if exercise.needs != "triton" or triton_installed()]
    right = [("right", exercise, exercise.path(TESTS.parent, "solutions")) for exercise in here]
    wrong = [
        ("wrong", exercise, path)
        for exercise in here
        for path in sorted((TESTS / "mutants").glob(f"{exercise.slug[:2]}_*.py"))
    ]
    return right + wrong


def bound(failures: int, trials: int) -> float | None:
    """The largest chance of a failure that is still believable, if there was none."""
    return None if failures or not trials else 3 / trials


def main() -> None:
    """Go on until every file has had its repeats."""
    target = Path(sys.argv[1])
    repeats = {
        "right": int([*sys.argv, "200"][2]),
        "wrong": int([*sys.argv, "200", "20"][3] if len(sys.argv) > 3 else 20),
    }
    done: dict[str, Any] = json.loads(target.read_text()) if target.exists() else {}
    if done.get("course") != course_hash():  # other rules: earlier trials say nothing about these
        done = {"course": course_hash(), "versions": {name: version(name) for name in ("numpy", "numba")}, "trials": {},
                "failures": []}  # fmt: skip
    loads = [multiprocessing.Process(target=spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for load in loads:
        load.start()
    for turn in range(max(repeats.values())):
        for kind, exercise, path in files():
            key = f"{kind} {path.name}"
            if turn >= repeats[kind] or done["trials"].get(key, 0) > turn:
                continue
            seed = fresh_seed()
            results = grade_file(path, exercise, seed)
            word = standing(results)
            if (word == "passed") != (kind == "right"):
                bad = [f"{r.case}: {r.cause} {r.message.what if r.message else r.reason}" for r in results
                       if r.verdict in ("failed", "error")]  # fmt: skip
                done["failures"].append({"file": key, "seed": seed, "verdict": word, "cases": bad})
            done["trials"][key] = done["trials"].get(key, 0) + 1
            summary = {}
            for what in ("right", "wrong"):
                trials = sum(n for name, n in done["trials"].items() if name.startswith(what))
                failures = sum(f["file"].startswith(what) for f in done["failures"])
                summary[what] = {"trials": trials, "failures": failures, "chance_below": bound(failures, trials)}
            write_atomically(target, json.dumps(done | {"summary": summary, "at": time.strftime("%F")}, indent=1))
            print(f"{turn} {key}: {word}; {summary}", flush=True)
    for load in loads:
        load.terminate()


if __name__ == "__main__":
    main()
