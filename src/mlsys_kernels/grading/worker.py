"""The process that runs a learner's file: it loads it, calls its functions with what the judge sends, answers in bytes.

Started by `sandbox.Worker` in an isolated interpreter (`python -I`). It never sees an expected answer. Requests
come on standard input and replies leave on standard output; `wire.take_channel` moves both out of the way first.
Whatever the file prints goes to standard error, which the judge drains. Two requests are known:

    {"do": "load", "path", "needs"}           -> {"constants", "functions", "device", "notes"} or {"raised"}
    {"do": "call", "calls", "set"}            -> {"results", "reused"} or {"raised", "at"} or {"unusable", "at"}
"""

import contextlib
import hashlib
import inspect
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import numpy as np

from mlsys_kernels.course.spec import ScriptedDevice
from mlsys_kernels.grading import limits, wire
from mlsys_kernels.grading.load import load_module

TEXT_LIMIT = 4000
"""Characters of an error message that are passed on."""


def main() -> None:
    """Serve requests until the judge closes the pipe."""
    requests, replies = wire.take_channel()
    limits.apply()
    module: ModuleType | None = None
    while (request := wire.receive(requests)) is not None:
        message, buffers = request
        if message["do"] == "load":
            path = Path(message["path"])
            reply, module = _load(path, message["needs"])
            _answer(replies, reply, [])
        elif module is not None:
            reply, out = _call(module, message, buffers)
            _answer(replies, reply, out)


def _answer(replies: IO[bytes], reply: dict[str, Any], buffers: list[bytes]) -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    wire.send(replies, reply, buffers)


def _load(path: Path, needs: str) -> tuple[dict[str, Any], ModuleType | None]:
    notes: list[str] = []
    device = "cpu"
    if needs in ("numba", "triton"):
        _cache_compiled_code(str(path))
    if needs == "triton" and os.environ.get("TRITON_INTERPRET") != "1":
        import torch

        if not torch.cuda.is_available():
            return {"no_cuda": f"torch {torch.__version__} sees no CUDA device"}, None
        device = "cuda"
    elif needs == "triton":
        from mlsys_kernels.tracing import interpreter

        device, notes = "interpreter", interpreter.install()
    if device != "cuda":  # the CUDA driver maps far more than it uses
        limits.limit_memory()
    try:
        module = load_module(path)
    except BaseException as error:
        return {"raised": _describe(error, str(path))}, None
    names = vars(module)
    constants = {name: value for name, value in names.items() if name.isupper() and type(value) in (int, float)}
    functions = [name for name, value in names.items() if callable(value) and not name.startswith("_")]
    return {"constants": constants, "functions": functions, "device": device, "notes": notes}, module


def _cache_compiled_code(path: str) -> None:
    """Make every @njit in the file at `path` keep its machine code in NUMBA_CACHE_DIR, as if it said cache=True.

    Functions from elsewhere are left alone: numba generates some from text, for @jitclass, and those have no file.
    """
    import numba

    def caching(plain: Any) -> Any:
        def options_for(function: Any, options: dict[str, Any]) -> dict[str, Any]:
            code = getattr(function, "__code__", None)
            return {"cache": True} | options if code is not None and code.co_filename == path else options

        def decorate(*args: Any, **options: Any) -> Any:
            if args and inspect.isfunction(args[0]):
                return plain(*args, **options_for(args[0], options))
            return lambda function: plain(*args, **options_for(function, options))(function)

        return decorate

    numba.njit, numba.jit = caching(numba.njit), caching(numba.jit)


def _call(module: ModuleType, message: dict[str, Any], buffers: list[bytearray]) -> tuple[dict[str, Any], list[bytes]]:
    kept = {name: getattr(module, name) for name in message["set"] if hasattr(module, name)}
    for name, value in message["set"].items():
        setattr(module, name, value)
    done = []
    path = str(module.__file__)
    try:
        for at, call in enumerate(message["calls"]):
            arrays: list[Any] = []
            args = [_argument(arg, buffers, arrays) for arg in call["args"]]
            unusable = _unusable(module, call["function"], _count(call["args"]))
            if unusable:
                return {"unusable": unusable, "at": at}, []
            before = [_digest(base) for _, base in arrays]
            launched = _launches()
            try:
                if isinstance(call["args"][0], dict) and "$device" in call["args"][0]:
                    value = _on_scripted_device(getattr(module, call["function"]), call["args"][0]["$device"])
                else:
                    value = getattr(module, call["function"])(*args)
            except BaseException as error:
                return {"raised": _describe(error, path), "at": at}, []
            mutated = [i for i, (_, base) in enumerate(arrays) if _digest(base) != before[i]]
            aliased = [i for i, (view, _) in enumerate(arrays) if _shares_memory(value, view)]
            now = _launches()
            done.append((value, mutated, aliased, None if launched is None or now is None else now - launched))
    finally:
        for name, value in kept.items():
            setattr(module, name, value)
    # Values are read only now, after the last call: an answer that a later call overwrites shows as wrong.
    out: list[bytes] = []
    results = [
        {
            "value": _pack(value, out, depth=0),
            "mutated": mutated,
            "aliased": aliased,
            "launches": launches,
        }
        for value, mutated, aliased, launches in done
    ]
    reused = any(_shares_memory(value, other) for i, (value, *_) in enumerate(done) for other, *_ in done[:i])
    return {"results": results, "reused": reused}, out


def _count(args: list[Any]) -> int:
    """How many positional arguments the learner's function gets: a scripted device stands for four."""
    return sum(4 if isinstance(arg, dict) and "$device" in arg else 1 for arg in args)


def _unusable(module: ModuleType, name: str, count: int) -> dict[str, Any] | None:
    """Why the function cannot be called with `count` arguments: missing, not callable, async, other parameters."""
    function = getattr(module, name, None)
    if function is None:
        return {"why": "missing", "function": name}
    if not callable(function):
        return {"why": "not callable", "function": name, "type": type(function).__name__}
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
        return {"why": "parameters", "function": name, "has": str(signature), "count": count}
    return None


def _on_scripted_device(measure: Any, script: dict[str, Any]) -> dict[str, Any]:
    from mlsys_kernels.course import scripted

    return scripted.run(measure, ScriptedDevice(**(script | {"kernel_seconds": tuple(script["kernel_seconds"])})))


def _argument(packed: Any, buffers: list[bytearray], arrays: list[Any]) -> Any:
    """Rebuild an argument; array views and their whole buffers are noted in `arrays`."""
    if isinstance(packed, list):
        return [_argument(item, buffers, arrays) for item in packed]
    if not isinstance(packed, dict):
        return packed
    (kind, content), *_ = packed.items()
    if kind == "$tuple":
        return tuple(_argument(item, buffers, arrays) for item in content)
    if kind == "$dict":
        return {key: _argument(item, buffers, arrays) for key, item in content}
    if kind != "$operand":
        return packed
    base = np.frombuffer(buffers[content["index"]], wire.storage(content["dtype"]))
    shape, strides, offset = tuple(content["shape"]), content["strides"], content["offset"]
    if content["library"] == "numpy":
        item = base.itemsize
        view = np.ndarray(shape, base.dtype, base, offset * item, tuple(s * item for s in strides))
        arrays.append((view, base))
        return view
    import torch

    device = "cpu" if os.environ.get("TRITON_INTERPRET") == "1" else "cuda"
    dtype = getattr(torch, content["dtype"])
    # from_numpy refuses uint16 in older versions; the bits are the same as int16.
    bits = torch.from_numpy(base.view(np.int16) if content["dtype"] == "bfloat16" else base)
    whole = (bits.view(dtype) if content["dtype"] == "bfloat16" else bits).to(device)
    tensor = torch.as_strided(whole, shape, strides, offset)
    arrays.append((tensor, whole))
    return tensor


def _launches() -> int | None:
    """Triton kernels launched so far, where the interpreter counts them."""
    counting = sys.modules.get("mlsys_kernels.tracing.interpreter")
    return None if counting is None else counting.launches()


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _digest(base: Any) -> bytes:
    if _is_tensor(base):
        import torch

        integers = {2: torch.int16, 4: torch.int32, 8: torch.int64}[base.element_size()]
        base = base.view(integers).cpu().numpy()
    return hashlib.blake2b(base.tobytes()).digest()


def _shares_memory(value: Any, argument: Any) -> bool:
    if isinstance(value, np.ndarray) and isinstance(argument, np.ndarray):
        return bool(value.size) and np.may_share_memory(value, argument)
    if _is_tensor(value) and _is_tensor(argument) and value.numel():
        return bool(value.untyped_storage().data_ptr() == argument.untyped_storage().data_ptr())
    return False


def _pack(value: Any, out: list[bytes], depth: int) -> Any:
    """A returned value as JSON, arrays appended to `out`; what no exercise asks for becomes its type's name."""
    kind = type(value)
    if value is None or kind in (bool, float) or (kind is int and abs(value) < 1 << 1000):
        return value
    if kind is str and len(value) < 10_000:
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biuf" and value.dtype.itemsize <= 8:
        return value.item()
    if kind in (list, tuple) and len(value) <= 10_000 and depth < 4:
        items = [_pack(item, out, depth + 1) for item in value]
        return items if kind is list else {"$tuple": items}
    if kind is dict and len(value) <= 10_000 and depth < 4 and all(type(key) in (str, int) for key in value):
        return {"$dict": [[key, _pack(item, out, depth + 1)] for key, item in value.items()]}
    if kind is np.ndarray and value.dtype.name in wire.ARRAY_TYPES and value.nbytes <= wire.BUFFER_LIMIT // 4:
        out.append(value.astype(value.dtype.newbyteorder("=")).tobytes())
        return {"$array": {"library": "numpy", "dtype": value.dtype.name, "shape": value.shape, "index": len(out) - 1}}
    if _is_tensor(value):
        import torch

        name = str(value.dtype).removeprefix("torch.")
        if value.layout is torch.strided and name in wire.ARRAY_TYPES:
            data = value.detach().cpu().contiguous()
            out.append((data.view(torch.int16) if name == "bfloat16" else data).numpy().tobytes())
            shape = list(value.shape)
            return {"$array": {"library": "torch", "dtype": name, "shape": shape, "index": len(out) - 1}}
    return {"$foreign": {"type": kind.__name__[:80], "module": str(kind.__module__)[:80]}}


def _describe(error: BaseException, path: str) -> dict[str, Any]:
    """An exception as text: its type, its message, and the traceback lines that are in the learner's file."""
    cause = error.__cause__
    if type(error).__name__ == "InterpreterError" and cause is not None:
        error = cause  # Triton's interpreter wraps what the kernel raised
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    try:
        message = str(error)
    except BaseException:
        message = ""  # a hostile __str__
    return {
        "type": type(error).__name__[:80],
        "message": message[:TEXT_LIMIT],
        "frames": [[frame.lineno, frame.name, frame.line or ""] for frame in frames[-8:]],
        "todo": (isinstance(error, NotImplementedError) and _raised_by_file(error, path)) or _stub_compiled(error),
    }


def _raised_by_file(error: BaseException, path: str) -> bool:
    """True if a `raise` statement of the learner's file made it; libraries raise NotImplementedError as well."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename == path and (frames[-1].line or "").startswith("raise")


def _stub_compiled(error: BaseException) -> bool:
    """True if Triton's compiler, on a GPU, met the stub's `raise`: it compiles no raise, and quotes the line."""
    return type(error).__name__ == "UnsupportedLanguageConstruct" and "raise NotImplementedError(" in str(error)


if __name__ == "__main__":
    try:
        main()
    except BaseException as error:
        # Only a file that has replaced what this process needs gets here; a traceback of ours would tell it nothing.
        print(f"the worker stopped: {type(error).__name__}: {error}", flush=True)
        os._exit(limits.STOPPED)
