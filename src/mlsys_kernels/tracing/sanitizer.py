"""Check every access of a kernel in Triton's interpreter before it happens, as no GPU does.

`install()` is called by the worker after `interpreter.install()` and before it loads a file. From then on these raise
`MemoryFault`, and the memory is not touched:

- a load, store or atomic outside of the tensor that its pointer came from ("out-of-bounds"), also between the rows of
  a view. Another argument that is a view of the same memory is fine. A pointer that a kernel has made from an integer
  may go to any of the launch's tensors.
- a store to a tensor for which `protect` was called ("mutates-input").
- an element that two programs of a launch touch, where one of them stores ("race"). Not a race: both use atomics,
  both store the same bits, or an atomic on one element, a lock or a counter, keeps them apart.

A masked load without `other` is no fault, since its masked lanes may never matter. They hold NaN, or a large odd
integer, and are counted in `undefined_lanes()`.

Limits: a launch without tensors is not checked, nor are races in memory of more than `footprints.LARGEST` elements.
Where the rows of a tensor overlap, nothing lies between them. The hooks are private names of Triton 3.6 and 3.7.
"""

import inspect
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.tracing import launch
from mlsys_kernels.tracing.footprints import Access
from mlsys_kernels.tracing.poison import odd_pattern

if TYPE_CHECKING:
    from mlsys_kernels.tracing.triton_traffic import Traffic


@dataclass
class _State:
    """What the worker has asked for, and what has been seen since."""

    installed: list[tuple[type, dict[str, Any]]] = field(default_factory=list)
    protected: list[tuple[int, int, Any]] = field(default_factory=list)
    seed: int | None = None
    shuffled: tuple[Any, NDArray[np.int64]] | None = None
    loaded: int = 0
    stored: int = 0
    undefined: int = 0
    undefined_line: int | None = None
    running: launch.Launch | None = None
    traffic: "Traffic | None" = None


_state = _State()


@cache
def install() -> list[str]:
    """Put the checks into Triton's interpreter, once; return one line for each that could not be put there."""
    from triton.runtime import interpreter

    hooks = (
        ("launches are not seen, so nothing is checked", _see_launches),
        ("pointers are not followed from the tensors that they come from", _follow_pointers),
        ("loads and stores are not checked", _check_loads_and_stores),
        ("atomics are not checked", _check_atomics),
        ("programs run in order only, and their traffic is not counted", _order_programs),
    )
    missing = [f"Triton's interpreter has changed: {otherwise}" for otherwise, hook in hooks if not hook(interpreter)]
    for owner in (interpreter.InterpreterBuilder, interpreter.GridExecutor):
        _state.installed.append((owner, dict(vars(owner))))
    return missing


def intact() -> bool:
    """Whether the interpreter is still as `install()` left it."""
    return all(vars(owner).get(name) is value for owner, methods in _state.installed for name, value in methods.items())


def protect(tensor: Any) -> None:
    """Make a store to this tensor's memory a fault from now on; the memory is kept until `clear_protected()`."""
    storage = tensor.untyped_storage()
    _state.protected.append((storage.data_ptr(), storage.data_ptr() + storage.nbytes(), storage))


def clear_protected() -> None:
    """Allow stores to every tensor again."""
    _state.protected.clear()


def order(seed: int | None) -> None:
    """Run the programs of each launch in an order drawn from `seed`, the same for the same grid; None: in order."""
    _state.seed = seed


def start_call() -> None:
    """Count lanes from zero."""
    _state.loaded = _state.stored = _state.undefined = 0
    _state.undefined_line = None


def moved() -> tuple[int, int]:
    """Elements that kernels have loaded, and stored (atomics count as stores), since `start_call()`."""
    return _state.loaded, _state.stored


def count(traffic: "Traffic | None") -> None:
    """Tell `traffic` of every launch, program and access from now on; None: nobody, which costs nothing."""
    _state.traffic = traffic


def undefined_lanes() -> int:
    """Lanes that were masked off in loads without `other`, since `start_call()`."""
    return _state.undefined


def undefined_line() -> int | None:
    """The line of the first such load; None if there was none."""
    return _state.undefined_line


def _has(owner: Any, name: str, *parameters: str) -> bool:
    """True if `owner` has a function `name` whose first parameters are called like this."""
    function = vars(owner).get(name)
    return callable(function) and tuple(inspect.signature(function).parameters)[: len(parameters)] == parameters


def _see_launches(interpreter: Any) -> bool:
    executor = interpreter.GridExecutor
    if not (_has(executor, "_init_args_hst", "self", "args_dev", "kwargs") and _has(executor, "__call__", "self")):
        return False
    take_arguments, call = executor._init_args_hst, executor.__call__

    def _init_args_hst(self: Any, args_dev: Any, kwargs: Any) -> Any:
        positional, named = take_arguments(self, args_dev, kwargs)
        arguments = dict(zip(self.arg_names, positional, strict=False)) | named
        _state.running = launch.begin(arguments, [(start, stop) for start, stop, _ in _state.protected])
        if _state.traffic is not None:
            _state.traffic.begin(self.fn.__name__, _state.running)
        return positional, named

    def __call__(self: Any, *args: Any, **named: Any) -> Any:  # noqa: N807
        try:
            return call(self, *args, **named)
        finally:
            _state.running = None
            if _state.traffic is not None:
                _state.traffic.end()

    executor._init_args_hst, executor.__call__ = _init_args_hst, __call__
    return True


def _follow_pointers(interpreter: Any) -> bool:
    """Know the pointers to a tensor by their type: the interpreter hands the very same object on from each to the next.

    Only tl.where of two pointers must be told: it hands on the second one's.
    """
    builder = interpreter.InterpreterBuilder
    if not (_has(interpreter, "_implicit_cvt", "arg") and _has(builder, "create_select", "self", "cond", "lhs", "rhs")):
        return False
    convert, select = interpreter._implicit_cvt, builder.create_select

    def _implicit_cvt(arg: Any) -> Any:
        converted = convert(arg)
        if _state.running is not None and hasattr(arg, "data_ptr") and hasattr(converted, "handle"):
            _state.running.follow(arg, converted.handle.dtype)
        return converted

    def create_select(self: Any, cond: Any, lhs: Any, rhs: Any) -> Any:
        chosen = select(self, cond, lhs, rhs)
        if _state.running is not None and lhs.dtype is not rhs.dtype and _state.running.follows(chosen.dtype):
            either = interpreter.tl.pointer_type(chosen.get_element_ty())
            return interpreter.TensorHandle(chosen.data, either)
        return chosen

    interpreter._implicit_cvt, builder.create_select = _implicit_cvt, create_select
    return True


def _check_loads_and_stores(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    if not (
        _has(builder, "create_masked_load", "self", "ptrs", "mask", "other")
        and _has(builder, "create_masked_store", "self", "ptrs", "value", "mask")
    ):
        return False
    load, store = builder.create_masked_load, builder.create_masked_store

    def create_masked_load(self: Any, ptrs: Any, mask: Any, other: Any, *rest: Any, **named: Any) -> Any:
        lanes = _lanes(ptrs, mask)
        _check(self, "load", ptrs, lanes)
        # Triton tests `if other:`, so that a block of one lane arrives here without its other=0.0.
        if other is None and lanes.size > 1 and not lanes.all():
            _state.undefined += lanes.size - int(lanes.sum())
            _state.undefined_line = _state.undefined_line or launch.line()
            other = _other(interpreter, ptrs)
        return load(self, ptrs, mask, other, *rest, **named)

    def create_masked_store(self: Any, ptrs: Any, value: Any, mask: Any, *rest: Any, **named: Any) -> Any:
        _check(self, "store", ptrs, _lanes(ptrs, mask), value.data)
        return store(self, ptrs, value, mask, *rest, **named)

    builder.create_masked_load, builder.create_masked_store = create_masked_load, create_masked_store
    return True


def _other(interpreter: Any, ptrs: Any) -> Any:
    """What undefined lanes hold in types that the interpreter keeps as integers; None for floats, which hold NaN."""
    element = ptrs.get_element_ty()
    dtype = interpreter._get_np_dtype(element)
    if dtype.kind not in "iu":
        return None
    nan = (1 << 8 * dtype.itemsize - 1) - 1  # of bfloat16 and of the floats of 8 bits
    value = nan if element.is_floating() else odd_pattern(dtype.itemsize)
    return interpreter.TensorHandle(np.full(ptrs.data.shape, value, dtype), element)


def _check_atomics(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    if not (
        _has(builder, "create_atomic_rmw", "self", "rmwOp", "ptr", "val", "mask")
        and _has(builder, "create_atomic_cas", "self", "ptr", "cmp", "val")
    ):
        return False
    update, exchange = builder.create_atomic_rmw, builder.create_atomic_cas

    def create_atomic_rmw(self: Any, rmwOp: Any, ptr: Any, val: Any, mask: Any, *rest: Any, **named: Any) -> Any:
        _check(self, "atomic", ptr, _lanes(ptr, mask))
        return update(self, rmwOp, ptr, val, mask, *rest, **named)

    def create_atomic_cas(self: Any, ptr: Any, cmp: Any, val: Any, *rest: Any, **named: Any) -> Any:
        _check(self, "atomic", ptr, np.ones(ptr.data.shape, np.bool_))
        return exchange(self, ptr, cmp, val, *rest, **named)

    builder.create_atomic_rmw, builder.create_atomic_cas = create_atomic_rmw, create_atomic_cas
    return True


def _lanes(ptrs: Any, mask: Any) -> NDArray[np.bool_]:
    """Which lanes are on; the mask may be one value for all, an integer, or a plain array."""
    lanes = np.asarray(mask.data).astype(np.bool_, copy=False)
    return np.broadcast_to(lanes.reshape(()) if lanes.size == 1 else lanes, ptrs.data.shape)


def _check(builder: Any, access: Access, ptrs: Any, lanes: NDArray[np.bool_], value: Any = None) -> None:
    if _state.running is None:
        return
    addresses = np.asarray(ptrs.data).view(np.int64)
    addresses = addresses.ravel() if lanes.all() else addresses[lanes]
    if access == "load":
        _state.loaded += addresses.size
    else:
        _state.stored += addresses.size
    item = max(1, ptrs.get_element_ty().primitive_bitwidth // 8)
    touch = launch.Touch(access, ptrs.dtype, addresses, item, lanes, value)
    if addresses.size:
        _state.running.check(touch, builder.grid_idx, builder.grid_dim)
    if _state.traffic is not None:
        _state.traffic.touch(touch)


def _order_programs(interpreter: Any) -> bool:
    builder = interpreter.InterpreterBuilder
    if not _has(builder, "set_grid_idx", "self", "x", "y", "z"):
        return False
    plain = builder.set_grid_idx

    def set_grid_idx(self: Any, x: int, y: int, z: int) -> None:
        if _state.seed is not None:
            turn = _turns(_state.seed, self.grid_dim)[launch.number_of((x, y, z), self.grid_dim) - 1]
            x, y, z = launch.program_of(int(turn) + 1, self.grid_dim)
        if _state.traffic is not None:
            _state.traffic.enter((x, y, z), self.grid_dim)
        plain(self, x, y, z)

    builder.set_grid_idx = set_grid_idx
    return True


def _turns(seed: int, grid: launch.Program) -> NDArray[np.int64]:
    """Which program is run at each turn, counted from 0."""
    asked = (seed, grid)
    if _state.shuffled is None or _state.shuffled[0] != asked:
        _state.shuffled = asked, np.random.default_rng(seed).permutation(grid[0] * grid[1] * grid[2])
    return _state.shuffled[1]
