"""The process that holds one submission: it loads the file, calls it with the judge's inputs, and answers in bytes.

Forked by the zygote. It never sees an expected answer. What it puts on the channel is checked by the judge; what it
says about itself (which argument was changed, how often a kernel was launched) only makes a message better, and never
turns a failure into a pass. These requests are known:

    {"do": "ready"}                                               -> LOADED: the process is confined
    {"do": "load"}                                                -> LOADED {"constants"} or RAISED, ...
    {"do": "call", "function", "args", "set", "expect", "order"}  -> ARRAY, VALUE, RAISED, FAULT, ... (channel.Code)
    {"do": "again", "index", "expect"}                            -> the result of an earlier call, read once more
"""

import contextlib
import inspect
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlsys_kernels.course import scripted
from mlsys_kernels.course.spec import Run, ScriptedDevice
from mlsys_kernels.grading import (
    channel,
    compiling,
    counting,
    isolation,
    limits,
    pages,
    privileges,
    tripwire,
    values,
    watch,
)
from mlsys_kernels.grading.channel import Code
from mlsys_kernels.grading.load import load_module
from mlsys_kernels.grading.raised import describe
from mlsys_kernels.tracing import bfloat16, bounds, fault, interpreter, machine_code, poison, races, sanitizer

if TYPE_CHECKING:
    from types import ModuleType

STOPPED = 70
"""Exit status of a worker that could not go on."""

Kind = str
"""Which zygote: "cpu" (NumPy and numba), "code" (the same, compiling for a fixed processor), "interpreter" (Triton's
interpreter), "native" (Triton on a CUDA device)."""

NUMBA_KINDS = ("cpu", "code")


@dataclass(frozen=True)
class Setup:
    """What a worker is to run, and where it may write.

    `path` is a copy of the submission's bytes; `own_product` False lets it call a library's product.
    """

    kind: Kind
    run: Run
    path: str
    scratch: str
    cache: str
    own_product: bool


def preload(kind: Kind) -> list[str]:
    """In the zygote: import what every worker of this kind needs; return what could not be set up, one line each."""
    import concurrent.futures
    import unittest.mock

    import numba
    import numba.core.caching
    import numba.core.event
    import numba.np.ufunc.parallel
    import numba.typed

    del concurrent, unittest
    notes: list[str] = []

    @numba.njit  # type: ignore[untyped-decorator]  # numba has no types
    def warm(x: Any) -> Any:
        return x + 1

    warm(1)  # LLVM's first compilation costs a second
    if kind == "code":
        notes += [reason] if (reason := machine_code.runs_here()) else []
    if kind in NUMBA_KINDS:
        return notes
    import torch

    torch.set_num_threads(1)
    if kind == "interpreter":
        notes += interpreter.install() + bfloat16.install() + sanitizer.install()
    import triton  # noqa: F401

    with tripwire.torch_trap(watch.refuse):
        torch.empty(1).copy_(torch.zeros(1))  # the first call under the trap imports for seconds

    return notes


def serve(setup: Setup, descriptors: list[int], readable: tuple[Path, ...]) -> None:
    """Confine this process and answer requests until the judge closes the channel."""
    requests, replies, _, memory = _take(descriptors)
    mapping = pages.Mapping(memory)
    _enter(setup, mapping)
    isolation.confine((*readable, Path(setup.path).parent), (Path(setup.scratch), Path(setup.cache)),
                      native=setup.kind == "native")  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        watch.install(setup.path)
        Worker(setup, mapping, replies).answer(requests)
    os._exit(0)


def _take(descriptors: list[int]) -> list[int]:
    """Put the judge's descriptors where nothing else is, and what is printed, from Python or C, into the output."""
    os.setsid()
    privileges.set_parent_death_signal()
    high = [os.dup2(fd, 200 + at) for at, fd in enumerate(descriptors)]
    quiet = os.open(os.devnull, os.O_RDONLY)
    os.dup2(quiet, 0)
    os.dup2(high[2], 1)
    os.dup2(high[2], 2)
    os.closerange(3, 200)
    os.closerange(204, 256)
    sys.stdout, sys.stderr = (open(fd, "w", 1, "utf-8", "replace", closefd=False) for fd in (1, 2))  # noqa: SIM115
    return high


def _enter(setup: Setup, mapping: pages.Mapping) -> None:
    """An environment of its own, the limits, and the tools of this run; all before anything is closed."""
    import numba

    os.chdir(setup.scratch)
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept
        | {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": setup.scratch, "TMPDIR": setup.scratch,
           "NUMBA_CACHE_DIR": setup.cache, "TRITON_CACHE_DIR": setup.cache, "TRITON_HOME": setup.scratch}
    )  # fmt: skip
    tempfile.tempdir = None
    numba.config.CACHE_DIR = setup.cache
    if setup.run == "plain":
        numba.config.DISABLE_JIT = 1
    pages.perturb_new_memory()
    if setup.kind != "native":
        limits.apply()
    if setup.own_product and setup.kind in NUMBA_KINDS:  # Triton's interpreter multiplies tiles with BLAS itself
        tripwire.arm()
    if setup.own_product:
        modules: list[Any] = [np, np.linalg]
        if setup.kind not in NUMBA_KINDS:
            import torch

            modules += [torch, torch.Tensor, torch.linalg, torch.nn.functional]
        tripwire.guard_names(setup.path, watch.refuse, *modules)
    if setup.run == "race":
        races.install(setup.path)
    elif setup.run == "bounds":
        bounds.install(setup.path)
    elif setup.run in counting.RUNS:
        counting.install(setup.run, setup.kind, setup.path)
    if setup.run in ("compiled", "again", "bounds"):
        compiling.keep_machine_code(setup.path)
    if setup.run in ("compiled", "again", "bounds", "code"):
        compiling.tell_when_compiling(lambda compiling: mapping.note_compiling(compiling=compiling))
    if setup.kind not in NUMBA_KINDS:
        poison.poison_empty()


KEPT_VARIABLES = ("TRITON_INTERPRET", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "NUMBA_NUM_THREADS",
                  "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # fmt: skip
"""Of the zygote's environment, which is the judge's list already."""


class Worker:
    """The submission, once loaded, and the results of its calls in this case."""

    def __init__(self, setup: Setup, mapping: pages.Mapping, replies: int) -> None:
        self._setup, self._mapping, self._replies = setup, mapping, replies
        self._module: ModuleType | None = None
        self._sequence = 0
        self._results: list[tuple[Any, Any]] = []
        self._built: dict[str, tuple[Any, list[Any]]] = {}
        self._trap = tripwire.torch_trap(watch.refuse) if setup.kind not in NUMBA_KINDS and setup.own_product else None

    def answer(self, requests: int) -> None:
        """One reply for each request."""
        actions = {"ready": self._ready, "load": self._load, "call": self._call, "again": self._again}
        while (request := channel.receive_request(requests)) is not None:
            self._sequence = request["sequence"]
            fault.clear()
            try:
                code, fields = actions[request["do"]](request)
            except BaseException as error:
                code, fields = Code.RAISED, {"text": describe(error, self._setup.path)}
            code, fields = self._noticed(code, fields)
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):
                    stream.flush()
            channel.send_reply(self._replies, self._sequence, code, **fields)

    def _noticed(self, code: Code, fields: dict[str, Any]) -> tuple[Code, dict[str, Any]]:
        """What was refused or went wrong in memory counts, whatever the submission caught."""
        refused = watch.first()
        if refused is not None:
            return Code.REFUSED, {"text": refused}
        found = fault.first()
        if found is not None:
            text = {"kind": found.kind, "what": found.what, "line": found.line, "because": found.because}
            return Code.FAULT, {"text": text}
        return code, fields

    def _ready(self, _request: dict[str, Any]) -> tuple[Code, dict[str, Any]]:
        return Code.LOADED, {}

    def _load(self, request: dict[str, Any]) -> tuple[Code, dict[str, Any]]:
        if self._setup.kind == "native":
            import torch

            if not torch.cuda.is_available():
                return Code.NO_CUDA, {"text": [f"torch {torch.__version__} sees no CUDA device"]}
        self._module = load_module(Path(self._setup.path))
        found = {name: getattr(self._module, name, None) for name in request["constants"]}
        constants = {name: value for name, value in found.items() if type(value) is int}
        return Code.LOADED, {"text": {"constants": constants}}

    def _call(self, request: dict[str, Any]) -> tuple[Code, dict[str, Any]]:
        if request["model"] is not None and request["set"]:
            # Sizes that the file derives from its constants while it is imported follow them too.
            self._module = load_module(Path(self._setup.path), request["set"])
        module, name = self._module, request["function"]
        if request["first"]:
            self._results.clear()
        with _constants(module, request["set"]):
            args, arrays = self._arguments(request["args"])
            unusable = _unusable(module, name, sum(4 if isinstance(arg, ScriptedDevice) else 1 for arg in args))
            if unusable:
                return Code.UNUSABLE, {"text": unusable}
            launched = self._launches()
            function = getattr(module, name)
            counter = self._counter(request["model"])
            if counter is not None:
                args = counter.start(function, args)
            value = self._run(function, args, request)
            counts = None
            if counter is not None:
                counts, value = counter.counts(value), counter.result(value)
            now = self._launches()
            if self._setup.kind == "native":
                for view, base in arrays:
                    values.copy_back(view, base)
        if self._setup.run == "race":
            return Code.TRACED, {"text": {"loops": races.loops(), "unfinished": races.unfinished()}}
        reused = any(values.shares_memory(value, earlier) for earlier, _ in self._results)
        self._results.append((value, arrays))
        code, fields = self._export(value, request["expect"])
        aliased = sum(1 << at for at, (view, _) in enumerate(arrays[:8]) if values.shares_memory(value, view))
        aliased |= channel.REUSED if reused else 0
        launches = None if launched is None or now is None else now - launched
        if code is Code.ARRAY and self._setup.kind == "interpreter":
            loaded, stored = sanitizer.moved()
            fields["text"] = {"undefined": sanitizer.undefined_line(), "loaded": loaded, "stored": stored}
        if code is Code.ARRAY and counts is not None:
            fields["text"] = fields.get("text", {}) | {"counts": counts}
        return code, fields | {"aliased": aliased, "launches": launches}

    def _counter(self, model: dict[str, Any] | None) -> "counting.Counter | None":
        """What counts in this call, if the case is a technique check."""
        return None if model is None else counting.counter(self._setup.run, self._setup.kind, model)

    def _arguments(self, packed: list[Any]) -> tuple[list[Any], list[Any]]:
        """The arguments; the very same objects as before where the judge placed the same shapes at the same place."""
        key = repr(packed)
        if key not in self._built:
            arrays: list[Any] = []
            cuda = self._setup.kind == "native"
            args = [
                ScriptedDevice(**(arg["$device"] | {"kernel_seconds": tuple(arg["$device"]["kernel_seconds"])}))
                if isinstance(arg, dict) and "$device" in arg
                else values.argument(arg, self._mapping, arrays, cuda=cuda)
                for arg in packed
            ]
            if self._setup.run == "race":
                args = [races.traced(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
            if cuda:
                return args, arrays
            self._built = {key: (args, arrays)}
        return self._built[key]

    def _run(self, function: Any, args: list[Any], request: dict[str, Any]) -> Any:
        if args and isinstance(args[0], ScriptedDevice):
            return scripted.run(function, args[0])
        try:
            if self._setup.kind == "interpreter":
                self._shield(args, request["order"])
            with self._trap or contextlib.nullcontext():
                value = function(*args)
            if self._setup.kind == "interpreter" and not sanitizer.intact():
                watch.refuse("changes Triton's interpreter")
            return value
        except Exception as error:
            if self._setup.run == "bounds" and bounds.locate(function, args) is None:
                bounds.fault_of(error, self._setup.path)
            raise

    def _shield(self, args: list[Any], order: int | None) -> None:
        sanitizer.start_call()
        sanitizer.clear_protected()
        for arg in args:
            if values.is_tensor(arg):
                sanitizer.protect(arg)
        sanitizer.order(order)

    def _again(self, request: dict[str, Any]) -> tuple[Code, dict[str, Any]]:
        value, _ = self._results[request["index"]]
        return self._export(value, request["expect"])

    def _export(self, value: Any, expect: dict[str, Any] | None) -> tuple[Code, dict[str, Any]]:
        code, fields = values.reply_of(value, expect)
        if code is Code.ARRAY and expect is not None:
            values.copy_out(value, self._mapping.array(*expect["piece"]))
        return code, fields

    def _launches(self) -> int | None:
        """Triton kernels launched so far, where the interpreter counts them."""
        return interpreter.launches() if self._setup.kind == "interpreter" else None


@contextlib.contextmanager
def _constants(module: Any, sizes: dict[str, int]) -> Iterator[None]:
    """Set the submission's size constants for one call."""
    kept = {name: getattr(module, name) for name in sizes if hasattr(module, name)}
    for name, size in sizes.items():
        setattr(module, name, size)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(module, name, value)


def _unusable(module: Any, name: str, count: int) -> dict[str, Any] | None:
    """Why the function cannot be called with `count` arguments: missing, not callable, async, other parameters."""
    function = getattr(module, name, None)
    if function is None:
        return {"why": "missing", "function": name}
    if not callable(function):
        return {"why": "not callable", "function": name, "type": type(function).__name__[:80]}
    if inspect.iscoroutinefunction(function):
        return {"why": "async", "function": name}
    if type(function).__name__ in ("GUFunc", "DUFunc"):
        return None  # numba's ufuncs: the result is the last parameter of the function they were made from
    try:
        signature = inspect.signature(getattr(function, "py_func", function))
    except (ValueError, TypeError):
        return None
    try:
        signature.bind(*range(count))
    except TypeError:
        return {"why": "parameters", "function": name, "has": str(signature)[:200], "count": count}
    return None
