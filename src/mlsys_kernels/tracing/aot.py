"""Compile what a file would launch on a GPU, ahead of time and on a machine without one: a process of its own.

    python -m mlsys_kernels.tracing.aot REQUEST.json RESULT.jsonl

The file is loaded and its function called with float16 tensors in the CPU's memory. Triton is told of a GPU that is
not there, so that it specialises and compiles every launch as it would for that GPU; nothing is launched, and what the
function returns means nothing. @triton.autotune takes its first configuration.

The result is one JSON object per line, written at once, so that it says how far a process came that was killed:
`at` (starting, loading, calling, compiling), `variant` (the options that begin), `kernel` (what a launch compiled to)
and `failed` (the last one). TRITON_INTERPRET must not be set. The file runs as `python FILE` would run it, within
limits on CPU time, memory and the size of files; nothing here keeps it from reading or deleting anything.
"""

import contextlib
import importlib.machinery
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from mlsys_kernels.tracing.refusal import MEMORY_BYTES, explain, failure, line_of

SIDE = 256
"""Every axis of the operands is this long, or the next multiple of the file's block."""
LEAST_TILE = {"m": 64, "n": 64, "k": 32}
"""Smaller blocks are set to this: they are the interpreter's sizes, and say little about a GPU."""
FILE_BYTES = 32 << 20


@dataclass(frozen=True)
class Request:
    """What to compile.

    Attributes:
        file: the Python file.
        function: the function that launches.
        axes: for each of its arguments, the axes m, n, k of that float16 tensor.
        tiles: for each axis, the module constant that holds its block size.
        backend, arch, lanes: Triton's GPUTarget.
        variants: options for each compilation: num_warps, num_stages or one of the tiles' constants.
        seconds: CPU time.
    """

    file: str
    function: str
    axes: tuple[str, ...]
    tiles: Mapping[str, str]
    backend: str
    arch: int | str
    lanes: int
    variants: tuple[Mapping[str, int], ...]
    seconds: float

    def text(self) -> str:
        """As the process reads it."""
        return json.dumps(asdict(self))


Tell = Callable[[dict[str, Any]], None]


@dataclass
class Recorder:
    """Stands in for the launch of every kernel: compiles it, tells what it became, and launches nothing."""

    request: Request
    tell: Tell
    options: dict[str, int] = field(default_factory=dict)
    told: set[tuple[Any, ...]] = field(default_factory=set)
    failed: BaseException | None = None
    notes: list[str] = field(default_factory=list)

    def install(self) -> None:
        """From now on every launch in this process comes here."""
        import torch
        from triton.backends.compiler import GPUTarget
        from triton.runtime import driver
        from triton.runtime.autotuner import Autotuner
        from triton.runtime.jit import JITFunction

        target = GPUTarget(self.request.backend, self.request.arch, self.request.lanes)

        class NoGpu:
            """What Triton asks of a driver before it compiles."""

            def get_current_target(self) -> Any:
                return target

            def get_current_device(self) -> int:
                return 0

            def get_current_stream(self, _device: int) -> int:
                return 0

            def get_active_torch_device(self) -> Any:
                return torch.device("cpu")

        driver.set_active(NoGpu())
        compile_only = JITFunction.run
        recorder = self

        def run(kernel: Any, *args: Any, grid: Any, warmup: bool = False, **named: Any) -> Any:  # noqa: ARG001
            return recorder.compile(kernel, compile_only, args, named)

        def first_configuration(tuner: Any, *args: Any, **named: Any) -> Any:
            chosen = tuner.configs[0]
            note = f"@triton.autotune: the first of {len(tuner.configs)} configurations, {chosen}"
            if note not in recorder.notes:
                recorder.notes.append(note)
            return tuner.fn.run(*args, **named, **chosen.all_kwargs())

        JITFunction.run = run
        Autotuner.run = first_configuration

    def compile(self, kernel: Any, compile_only: Callable[..., Any], args: Any, named: dict[str, Any]) -> Any:
        """Compile one launch; keep the first failure, which the file may catch."""
        self.tell({"at": "compiling", "kernel": kernel.__name__})
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what the compiler prints is not the file's
                compiled = compile_only(kernel, *args, grid=None, warmup=True, **(named | self.options))
        except Exception as error:
            self.failed = self.failed or error
            raise
        metadata = compiled.metadata
        key = (kernel.__name__, compiled.hash)
        if key not in self.told:
            self.told.add(key)
            constants = {name: value for name, value in named.items() if isinstance(value, int)}
            told = {"kernel": kernel.__name__, "constants": constants, "warps": metadata.num_warps,
                    "stages": metadata.num_stages, "shared": metadata.shared}  # fmt: skip
            self.tell(told | _code(compiled.asm))
        self.tell({"at": "calling"})
        return compiled


def _code(asm: Any) -> dict[str, Any]:
    """The listing of a compiled kernel, and the registers and spilled bytes of a thread (None: not known)."""
    if "amdgcn" in asm:
        text = asm["amdgcn"]

        def count(name: str) -> int | None:
            found = re.search(rf"\.{name}:\s+(\d+)", text)
            return int(found[1]) if found else None

        registers, spilled = count("vgpr_count"), count("private_segment_fixed_size")
        return {"assembly": text, "ttgir": asm["ttgir"], "registers": registers, "spilled": spilled}
    registers, spilled = _resources(asm["cubin"])
    return {"assembly": asm["ptx"], "ttgir": asm["ttgir"], "registers": registers, "spilled": spilled}


def _resources(cubin: bytes) -> tuple[int | None, int | None]:
    """Registers and bytes of stack of a thread, from the tool that triton brings along."""
    import triton

    tool = Path(triton.__file__).parent / "backends" / "nvidia" / "bin" / "cuobjdump"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        try:
            done = subprocess.run(
                [tool, "--dump-resource-usage", file.name], capture_output=True, text=True, check=False
            )
        except OSError:
            return None, None
    found = re.search(r"REG:(\d+) STACK:(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (None, None)


def main(request_file: str, result_file: str) -> None:
    """Compile every variant of a request; the result is complete if its last line says `done` or `failed`."""
    request = Request(**json.loads(Path(request_file).read_text(encoding="utf-8")))
    with Path(result_file).open("w", encoding="utf-8") as out:

        def tell(event: dict[str, Any]) -> None:
            out.write(json.dumps(event) + "\n")
            out.flush()

        tell({"at": "starting"})
        import torch
        import triton

        tell({"versions": {"triton": triton.__version__, "torch": torch.__version__}})
        _limit(request.seconds)
        recorder = Recorder(request, tell)
        recorder.install()
        refused = False
        for options in request.variants:
            tell({"variant": dict(options)})
            failed = _attempt(request, recorder, options)
            if failed is not None:
                tell(failed)
                refused = True
            if failed is not None and failed["failed"] != "refused":
                return
        tell({"done": not refused})


def _limit(seconds: float) -> None:
    """End this process when it has used that much CPU time; limit its memory, and each file that it writes."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    held = re.search(r"VmData:\s+(\d+)", Path("/proc/self/status").read_text())
    if held:  # not the address space: torch reserves far more of it than it uses
        memory = int(held[1]) * 1024 + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _attempt(request: Request, recorder: Recorder, options: Mapping[str, int]) -> dict[str, Any] | None:
    """Load, call and compile once; what went wrong, or None."""
    constants = set(request.tiles.values())
    recorder.options = {name: value for name, value in options.items() if name not in constants}
    recorder.told, recorder.failed, recorder.notes = set(), None, []
    try:
        recorder.tell({"at": "loading"})
        module = _load(Path(request.file))
        tiles = _set_tiles(module, request.tiles, options)
        recorder.tell({"tiles": tiles})
        function = getattr(module, request.function, None)
        if not callable(function):
            return failure("raised", f"the file has no function {request.function}", None)
        recorder.tell({"at": "calling"})
        function(*_operands(request, {axis: value for axis, (value, _) in tiles.items()}))
    except NotImplementedError as error:
        return failure("todo", str(error), line_of(error, request.file))
    except BaseException as error:
        return explain(recorder.failed or error, request.file, refused=recorder.failed is not None)
    if recorder.failed is not None:
        return explain(recorder.failed, request.file, refused=True)
    if not recorder.told:
        return failure("raised", f"{request.function} launched no kernel: there is nothing to compile", None)
    recorder.tell({"notes": recorder.notes})
    return None


def _load(path: Path) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("submission", str(path))  # whatever the file's name ends in
    module = ModuleType("submission")
    module.__file__ = str(path)
    sys.modules["submission"] = module
    sys.argv = [str(path)]
    sys.dont_write_bytecode = True
    exec(loader.get_code("submission") or "", module.__dict__)
    return module


def _set_tiles(
    module: ModuleType, names: Mapping[str, str], options: Mapping[str, int]
) -> dict[str, tuple[int, int | None]]:
    """Set the file's block sizes; for each axis the size, and what the file said if that is something else."""
    tiles: dict[str, tuple[int, int | None]] = {}
    for axis, name in names.items():
        own = getattr(module, name, None)
        if type(own) is not int or own < 1:
            continue
        size = options.get(name, max(own, LEAST_TILE[axis]))
        setattr(module, name, size)
        tiles[axis] = (size, own if own != size else None)
    return tiles


def _operands(request: Request, tiles: Mapping[str, int]) -> list[Any]:
    """Zeros in float16: no value decides what is compiled."""
    import torch

    def length(axis: str) -> int:
        tile = tiles.get(axis, 1)
        return -(-SIDE // tile) * tile

    return [torch.zeros([length(axis) for axis in axes], dtype=torch.float16) for axes in request.axes]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
