"""In the worker: which counter of `tracing` is at work in which run, behind three words: start, counts, result."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlsys_kernels.tracing import cache, followed, machine_code, traffic, triton_traffic

RUNS = ("traffic", "code")


@dataclass(frozen=True)
class Counter:
    """A counter for one call.

    Attributes:
        start: gets the learner's function and its arguments, and gives the arguments to call it with.
        counts: after the call, gets the returned value, and gives what was counted as plain data.
        result: the returned value as it is without the counter.
    """

    start: Callable[[Any, list[Any]], list[Any]]
    counts: Callable[[Any], dict[str, Any]]
    result: Callable[[Any], Any]


def install(run: str, kind: str, path: str) -> None:
    """Before the file at `path` is loaded: what has to be in its place by then."""
    if run == "code":
        machine_code.watch(path)
    elif kind == "cpu":
        traffic.install(path)


def counter(run: str, kind: str, model: dict[str, Any]) -> Counter:
    """The counter of this run for one call, with the measures that it needs."""
    if run == "code":
        return Counter(_as_they_are, _code, _as_it_is)
    if kind == "cpu":
        return Counter(
            lambda function, args: _on_paper(function, args, model), lambda _value: traffic.counts(), followed.plain
        )

    def start(_function: Any, args: list[Any]) -> list[Any]:
        triton_traffic.start(**model)
        return args

    def counts(value: Any) -> dict[str, Any]:
        by_kernel = hasattr(value, "untyped_storage") and triton_traffic.stored(value)
        return {"result_by_kernel": by_kernel} | triton_traffic.counts()

    return Counter(start, counts, _as_it_is)


def _as_they_are(_function: Any, args: list[Any]) -> list[Any]:
    return args


def _as_it_is(value: Any) -> Any:
    return value


def _code(_value: Any) -> dict[str, Any]:
    return machine_code.counts() or {"function": None}


def _on_paper(function: Any, args: list[Any], model: dict[str, Any]) -> list[Any]:
    names = [*inspect.signature(function).parameters, *(f"argument {at}" for at in range(len(args)))]
    wrapped = [
        traffic.traced(arg, name) if isinstance(arg, np.ndarray) else arg
        for arg, name in zip(args, names, strict=False)
    ]
    traffic.start(cache.Cache(**model))
    return wrapped
