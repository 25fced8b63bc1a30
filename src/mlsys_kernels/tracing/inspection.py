"""Compile a file for a chip in a process of its own, or take the result of the same file and options from the cache.

The result is what `tracing.aot` told, put in order. Results are kept in the gym's .mlsys/inspect, under a key made of
the file's bytes and name, the exercise, the chip, the options and Triton's version; only what the compiler decided is
kept, not that it ran out of time or memory.
"""

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mlsys_kernels.course.spec import Exercise
from mlsys_kernels.tracing import aot
from mlsys_kernels.tracing.targets import Target

SCHEMA = 1
KEPT = 100
"""Results that are kept."""
LONGEST_OUTPUT = 500
"""Characters that are shown of what the file prints."""
OPERANDS = {"a": "mk", "b": "kn", "bias": "n", "x": "mn"}
"""The axes of a tensor argument, by the name that the course gives it."""

Options = dict[str, int]


@dataclass(frozen=True)
class Inspection:
    """What is to be compiled: the bytes of a file, as the answer to an exercise, for a chip.

    `variants` are options that replace the file's own: num_warps, num_stages or the constants of the exercise's tiles.
    """

    data: bytes
    name: str
    exercise: Exercise
    target: Target
    variants: tuple[Options, ...]
    seconds: float

    @property
    def entry(self) -> tuple[str, tuple[str, ...]]:
        """The function that launches, and the axes of each of its arguments."""
        found = entry_of(self.exercise)
        assert found is not None, f"{self.exercise.slug} takes no tensors"
        return found

    @property
    def call(self) -> str:
        """The call that is compiled, its sizes as letters."""
        function, axes = self.entry
        tensors = (f"float16[{', '.join(each.upper())}]" for each in axes)
        return f"{function}({', '.join(tensors)})"

    def key(self) -> str:
        """The name of its result in the cache."""
        about = [SCHEMA, self.name, self.exercise.slug, self.target.name, self.variants, _version("triton")]
        return hashlib.sha256(self.data + b"\0" + json.dumps(about).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Variant:
    """One compilation: the options, the kernels as `aot` tells them, and why there are none (or no more)."""

    options: Options
    tiles: dict[str, tuple[int, int | None]]
    notes: tuple[str, ...]
    kernels: tuple[dict[str, Any], ...]
    failed: str | None = None
    message: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Compiled:
    """All variants, the first one as the file says; `output` is what the file printed, cut."""

    variants: tuple[Variant, ...]
    versions: dict[str, str]
    output: str
    cached: bool


def entry_of(exercise: Exercise) -> tuple[str, tuple[str, ...]] | None:
    """The last function of a Triton exercise that takes tensors only, with their axes; None if it has none.

    The last: in 26 that is matmul_triton, where matmul asks the device first and would go to numba here.
    """
    if exercise.needs != "triton":
        return None
    for signature in reversed(exercise.problem.entry):
        function, _, rest = signature.partition("(")
        names = [name.strip() for name in rest.removesuffix(")").split(",")]
        if all(name in OPERANDS for name in names):
            return function, tuple(OPERANDS[name] for name in names)
    return None


def compiled(inspection: Inspection, gym: Path | None) -> Compiled:
    """Compile, or read what was compiled before; KeyboardInterrupt ends the process that compiles, and passes on."""
    cache = None if gym is None else gym / ".mlsys" / "inspect" / f"{inspection.key()}.json"
    if cache is not None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(cache.read_text(encoding="utf-8"))
            return _ordered(kept["events"], kept["output"], cached=True)
    events, output, ending = _run(inspection)
    if ending is not None:
        events = [*events, ending]
    elif cache is not None:
        with contextlib.suppress(OSError):  # it cannot be written to
            _keep(cache, {"events": events, "output": output})
    return _ordered(events, output, cached=False)


def _ordered(events: list[dict[str, Any]], output: str, *, cached: bool) -> Compiled:
    variants: list[dict[str, Any]] = []
    versions: dict[str, str] = {}
    for event in events:
        if "versions" in event:
            versions = event["versions"]
        elif "variant" in event:
            variants.append({"options": event["variant"], "tiles": {}, "notes": (), "kernels": ()})
        elif "tiles" in event:
            variants[-1]["tiles"] = {axis: tuple(sizes) for axis, sizes in event["tiles"].items()}
        elif "notes" in event:
            variants[-1]["notes"] = tuple(event["notes"])
        elif "assembly" in event:
            variants[-1]["kernels"] += (event,)
        elif "failed" in event:
            variants = variants or [{"options": {}, "tiles": {}, "notes": (), "kernels": ()}]
            variants[-1] |= event
    return Compiled(tuple(Variant(**each) for each in variants), versions, output, cached)


def _run(inspection: Inspection) -> tuple[list[dict[str, Any]], str, dict[str, Any] | None]:
    """Events, what the file printed, and how it ended if not by itself."""
    with tempfile.TemporaryDirectory(prefix="mlsys-inspect-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        copy, result = folder / inspection.name, folder / ".result.jsonl"
        copy.write_bytes(inspection.data)
        function, axes = inspection.entry
        target = inspection.target
        request = aot.Request(
            str(copy), function, axes, inspection.exercise.tiles, target.backend, target.arch, target.lanes,
            inspection.variants, inspection.seconds,
        )  # fmt: skip
        (folder / ".request.json").write_text(request.text(), encoding="utf-8")
        with (folder / ".out").open("wb") as out, (folder / ".err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mlsys_kernels.tracing.aot", folder / ".request.json", result],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder, env=_environment(folder),
                start_new_session=True,
            )  # fmt: skip
            try:
                code: int | None = process.wait(3 * inspection.seconds + 30)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # with whatever it has started
                process.wait()
        lines = result.read_text(encoding="utf-8").splitlines() if result.exists() else []
        events: list[dict[str, Any]] = []
        for line in lines:
            with contextlib.suppress(ValueError):  # it was killed while it wrote
                events.append(json.loads(line))
        errors = _start_of(folder / ".err", 1 << 20)
        if not events or not {"done", "failed"} & events[-1].keys():
            return events, _start_of(folder / ".out"), _ending(code, events, errors, inspection.seconds)
        return [_with_pass(event, errors, inspection.name) for event in events], _start_of(folder / ".out"), None


def _environment(folder: Path) -> dict[str, str]:
    """This process's, without what would change what Triton compiles."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRITON_", "PYTHON"))}
    return kept | {"TRITON_CACHE_DIR": str(folder / ".triton"), "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}


def _ending(code: int | None, events: list[dict[str, Any]], errors: str, seconds: float) -> dict[str, Any]:
    """Why a process ended before it was done."""
    at = next((event for event in reversed(events) if "at" in event), {"at": "starting"})
    doing = {
        "loading": "while the file was loaded",
        "calling": "in the function that launches",
        "compiling": f"while {at.get('kernel')} was compiled",
    }.get(at["at"], "before it began")
    last = next((line.strip() for line in reversed(errors.splitlines()) if line.strip()), "")
    if code is None:
        message = f"stopped after {3 * seconds + 30:g} s, {doing}: it waits for something"
    elif code in (-signal.SIGXCPU, -signal.SIGKILL):
        used = f"{seconds:g} s of CPU time are used up" if code == -signal.SIGXCPU else "the system ran out of memory"
        advice = "a smaller tile takes less" if at["at"] == "compiling" else "does a loop never end?"
        message = f"stopped {doing}: {used}; {advice}"
    elif code < 0:
        message = f"{signal.Signals(-code).name} {doing}. Its last words: {last[:300] or 'none'}"
    else:
        message = f"the process ended {doing}, with exit code {code}. Its last words: {last[:300] or 'none'}"
    return {"failed": "fault" if at["at"] == "starting" else "raised", "message": message, "line": None}


def _with_pass(event: dict[str, Any], errors: str, name: str) -> dict[str, Any]:
    """A pass of the compiler raises "PassManager::run failed" and prints the reason, FILE:LINE:COLUMN: error: WHY."""
    if event.get("failed") != "refused" or "PassManager" not in event["message"]:
        return event
    said = re.findall(rf"{re.escape(name)}\W*:(\d+):\d+\W*: error: (.*)", errors)
    return event | {"line": int(said[0][0]), "message": said[0][1]} if said else event


def _start_of(path: Path, most: int = LONGEST_OUTPUT) -> str:
    with path.open("rb") as file:
        return file.read(most).decode(errors="replace")


def _keep(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{os.getpid()}")
    fresh.write_text(json.dumps(content), encoding="utf-8")
    fresh.replace(path)
    by_age = sorted(path.parent.glob("*.json"), key=lambda each: each.stat().st_mtime)
    for old in by_age[:-KEPT]:
        old.unlink(missing_ok=True)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
