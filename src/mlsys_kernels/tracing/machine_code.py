"""Gather the machine code that numba makes of a learner's file, and count how often each block of it runs.

In a process that was started with `ENVIRONMENT`, so that the code is for a processor that is always the same, call
`watch(path)` before the file at `path` is loaded, then the file's function on C-contiguous float32 arrays, then
`counts()`. Every module that numba compiles from then on is seen: functions in lists and closures, what is inlined,
bodies of prange, ufuncs. numba's cache on disk is off, for code from there cannot be read.

What is counted is the optimised code: before LLVM makes machine code of a module, a copy of it gets one counter for
each block. The copy runs; the module itself is what other functions inline, and its assembly is what `gathered()`
gives. So the loop that `counts()` describes is one that really did the work.

Limits. The process is the learner's: a file that sets out to do so can forge what is said here. Blocks are matched by
LLVM's names of them; what the last stage of the compiler adds or splits off has none, and counts as running but doing
no FLOPs. Products by NumPy or BLAS are not numba's code.
"""

import ctypes
import inspect
import platform
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from mlsys_kernels.tracing.assembly import HotLoop, executed_flops, working_loops

X86 = {"AMD64", "x86_64"}
ARM = {"aarch64", "arm64"}

ENVIRONMENT = {
    "NUMBA_CPU_NAME": "haswell" if platform.machine() in X86 else "generic",
    "NUMBA_CPU_FEATURES": "",
    "NUMBA_NUM_THREADS": "2",
}
"""What the process must be started with: Haswell has AVX2 and FMA, generic AArch64 has NEON.

No features means those of the named processor; without the variable numba adds those of the machine it runs on. A
prange loop is cut into a piece for each thread, and what is left of a piece after whole vectors runs other code.
"""
SHAPE = (48, 256, 96)
"""M, K and N for the call: whole vectors, and whole tiles of 2, 4, 8, 16 or 3, so that hardly any remainder runs."""

_NEEDED = ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "popcnt")
_BLOCK = re.compile(r'("[^"]+"|[-\w.$]+):')
_FUNCTION = re.compile(r'define .*?@("[^"]+"|[-\w.$]+)\(')


@dataclass(frozen=True)
class Gathered:
    """A module that numba compiled: a function, its wrappers, and those it calls.

    `function` and `signature` are those of the file's function that was being compiled: "" where it was a ufunc or
    something else that numba does not announce. Only a module that ran has blocks in `executed`.
    """

    function: str
    signature: str
    module: Any
    machine: Any
    blocks: list[tuple[str, str]]
    counters: Any

    @cached_property
    def asm(self) -> str:
        """The assembly, with LLVM's names of the blocks in the comments."""
        self.machine.set_asm_verbosity(True)
        return str(self.machine.emit_assembly(self.module))

    @property
    def executed(self) -> dict[tuple[str, str], int]:
        """How often each block, (function, name), has run so far."""
        return dict(zip(self.blocks, self.counters, strict=True))


_path = ""
_compiling: list[tuple[str, str]] = []
_gathered: list[Gathered] = []


def runs_here() -> str | None:
    """Why this machine cannot run the code that `ENVIRONMENT` makes, in one sentence; None if it can."""
    from numba.core.codegen import ll as llvm  # llvmlite.binding

    if platform.machine() in ARM:
        return None
    if platform.machine() not in X86:
        return f"this check reads code for x86-64 and AArch64, and the processor here is {platform.machine()}"
    features = llvm.get_host_cpu_features()
    missing = [name for name in _NEEDED if not features.get(name)]
    return f"the processor here lacks {', '.join(missing)}, which the compiled code would use" if missing else None


def watch(path: str) -> None:
    """Gather what numba compiles in this process from now on, for the file at `path`, which is to be loaded next.

    Raises:
        RuntimeError: the process was not started with `ENVIRONMENT`.
    """
    global _path
    from numba.core import caching, codegen, config, event

    if [config.CPU_NAME, config.CPU_FEATURES, str(config.NUMBA_NUM_THREADS)] != list(ENVIRONMENT.values()):
        told = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
        raise RuntimeError(f"numba compiles for the processor of this machine: start the process with {told}")
    _path = path
    caching.Cache.load_overload = lambda *_: None
    caching.Cache.save_overload = lambda *_: None
    codegen.JITCPUCodegen._add_module = _add_with_counters
    event.register("numba:compile", _listener(event.Listener))


def gathered() -> list[Gathered]:
    """All modules since `watch()`, in the order in which they were compiled."""
    return list(_gathered)


def counts() -> dict[str, Any] | None:
    """The loop that did most FLOPs in the calls so far, ready for JSON; None if no compiled code multiplies.

    Returns:
        the fields of `HotLoop`, with `function` as Python names it; its `loads_per_flop`, `stores_per_flop` and
        `spills_per_flop`; `flops_of_all`, which all compiled code did. A product needs 2 M N K.
        `packed_work`: over all loops on vectors, how many flops, operations, loads, stores and spills they executed.
    """
    loops: list[HotLoop] = []
    flops_of_all = 0
    for each in _gathered:
        executed = each.executed
        if not any(executed.values()):
            continue
        flops_of_all += executed_flops(each.asm, executed)
        loops += working_loops(each.asm, executed)
    if not loops:
        return None
    hot = max(loops, key=lambda loop: loop.executed or 0)
    derived = {name: getattr(hot, name) for name in ("loads_per_flop", "stores_per_flop", "spills_per_flop")}
    work = {"flops_of_all": flops_of_all, "packed_work": _work([loop for loop in loops if loop.packed])}
    return asdict(hot) | {"function": readable(hot.function)} | derived | work


def _work(loops: list[HotLoop]) -> dict[str, int]:
    each = {name: sum(getattr(loop, name) * loop.turns for loop in loops) for name in
            ("flops", "operations", "loads", "stores", "vector_spills", "integer_spills")}  # fmt: skip
    return {name: round(number) for name, number in each.items()}


def readable(symbol: str) -> str:
    """The qualified name of the Python function, without its module, that numba made the symbol of."""
    _, _, mangled = symbol.partition("_ZN")
    parts = list(_parts(mangled))
    if not parts:
        return symbol
    name = ".".join(parts[1:] or parts)
    return "a loop over prange" if name.startswith("__numba_parfor_gufunc") else name


def _parts(mangled: str) -> Iterator[str]:
    """The names in `6module8multiplyB2v1...`, each after its length. Only < and > are decoded: `_de` may be itself."""
    while found := re.match(r"\d+", mangled):
        end = found.end() + int(found[0])
        yield mangled[found.end() : end].replace("_3c", "<").replace("_3e", ">")
        mangled = mangled[end:]


def _listener(base: Any) -> Any:
    class Listener(base):  # type: ignore[misc]  # numba has no types
        def on_start(self, event: Any) -> None:
            function: Any = getattr(event.data["dispatcher"], "py_func", None)
            if inspect.isfunction(function) and function.__code__.co_filename == _path:
                _compiling.append((function.__qualname__, str(event.data["args"])))
            else:  # numba's own, for a function of the file
                _compiling.append(_compiling[-1] if _compiling else ("", ""))

        def on_end(self, _event: Any) -> None:
            _compiling.pop()

    return Listener()


def _add_with_counters(codegen: Any, module: Any) -> None:
    """In place of numba's `_add_module`: what is run is a copy with counters."""
    from numba.core.codegen import ll as llvm

    blocks: list[tuple[str, str]] = []
    prefix = "_" if "m:o" in module.data_layout else ""  # Mach-O
    lines = list(_with_marks(str(module), prefix, blocks))
    counters = (ctypes.c_uint64 * len(blocks))()
    first = ctypes.addressof(counters)
    text = "\n".join(line if isinstance(line, str) else _count(line, first) for line in lines)
    counting = llvm.parse_assembly(text)
    function, signature = _compiling[-1] if _compiling else ("", "")
    _gathered.append(Gathered(function, signature, module.clone(), codegen._tm, blocks, counters))
    codegen._engine.add_module(counting)


def _count(at: int, first: int) -> str:
    return f"  %counted.{at} = atomicrmw add ptr inttoptr (i64 {first + 8 * at} to ptr), i64 1 monotonic, align 8"


def _with_marks(ir: str, prefix: str, blocks: list[tuple[str, str]]) -> Iterator[str | int]:
    """The lines of a module; in each block, after its phis, where its counter goes, the number it gets in `blocks`."""
    function, block = "", None
    for line in ir.split("\n"):
        header, label = _FUNCTION.match(line), _BLOCK.match(line)
        if header and line.endswith("{"):
            function, block = prefix + header[1].strip('"'), ""
        elif function and label:
            block = label[1].strip('"')
        elif line == "}":
            function = ""
        elif function and block is not None and line.strip() and not re.match(r"\s+(%\S+ = phi|#dbg|;)", line):
            blocks.append((function, block))
            block = None
            yield len(blocks) - 1
        yield line
