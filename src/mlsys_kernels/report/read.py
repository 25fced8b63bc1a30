"""Read the record of a run: a pytest-benchmark JSON file with our part in it, as a frozen `Run`.

The file may come from anywhere, so everything that is used is checked. Unknown keys are ignored; a schema newer than
`KNOWN_SCHEMA` is refused. Times are seconds per call. Whatever is wrong is one `BadRunError` with one sentence.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, NoReturn, TypeVar

KNOWN_SCHEMA = 1
"""The newest version of the record that is understood here."""

FILE_LIMIT = 256 << 20

_T = TypeVar("_T")


class BadRunError(ValueError):
    """The file is not a run that can be reported; the message is one sentence and names the file."""


@dataclass(frozen=True)
class Record:
    """One contestant at one size (square matrices of n x n).

    `seconds` are the samples, one per block, and `rounds` the round of each; two records with the same `duel` and a
    common round were measured within milliseconds of each other. Unknown is None.
    """

    contestant: str
    role: str
    exercise: str | None
    n: int
    dtype: str
    threads: int
    flops: float
    bytes: float
    seconds: tuple[float, ...]
    rounds: tuple[int, ...]
    duel: str
    compile_s: float | None
    predicted_speedup: float | None
    speedup_over: str | None
    speedup_n: int | None

    @property
    def median_s(self) -> float:
        """Seconds per call, the median."""
        return median(self.seconds)

    @property
    def gflops(self) -> float:
        """10^9 operations per second, from the median time."""
        return self.flops / self.median_s / 1e9


@dataclass(frozen=True)
class Note:
    """Who was not timed at which size, and why; `failed` if that is a fault."""

    contestant: str
    n: int
    why: str
    failed: bool


@dataclass(frozen=True)
class Run:
    """A whole run. `machine` is equal for runs on one machine, None if the file does not tell."""

    name: str
    when: str
    machine: str | None
    cpu: str | None
    cores: int | None
    system: str
    python: str
    versions: Mapping[str, str]
    threads: Mapping[str, int]
    budget_s: float | None
    notes: tuple[Note, ...]
    records: tuple[Record, ...]


def read_run(path: Path) -> Run:
    """Read and check one file.

    Raises:
        BadRunError: the file is missing, unreadable, not JSON, not of pytest-benchmark, has no records of ours, was
            written by a newer version, or holds values that cannot be.
    """
    document = _json(path)
    if not isinstance(document, dict) or not isinstance(document.get("benchmarks"), list):
        raise BadRunError(f"{path} is JSON, but not a pytest-benchmark file: it has no list of benchmarks")
    try:
        records = tuple(record for bench in document["benchmarks"] if (record := _record(bench)) is not None)
        run = _run(path, document, records)
    except _ImpossibleError as fault:
        raise BadRunError(f"{path}: {fault}") from None
    seen: set[tuple[str, int]] = set()
    for record in records:
        if (record.contestant, record.n) in seen:
            raise BadRunError(f"{path}: {record.contestant} appears twice at n = {record.n}")
        seen.add((record.contestant, record.n))
    if not records:
        raise BadRunError(f"{path} is a pytest-benchmark file, but nothing in it was measured by `mlk bench`")
    return run


def _json(path: Path) -> Any:
    def refuse(name: str) -> NoReturn:
        raise BadRunError(f"{path} holds {name}, which is no number that JSON knows: it was damaged or edited by hand")

    try:
        if path.stat().st_size > FILE_LIMIT:
            raise BadRunError(f"{path} is larger than {FILE_LIMIT >> 20} MiB, which no run is")
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise BadRunError(f"{path} does not exist; `mlk bench --json {path}` would write it") from None
    except IsADirectoryError:
        raise BadRunError(f"{path} is a folder, not a file") from None
    except OSError as error:
        raise BadRunError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadRunError(f"{path} is not a text file") from None
    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        if not text.strip():
            raise BadRunError(f"{path} is empty") from None
        if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated"):
            raise BadRunError(f"{path} ends in the middle, at line {error.lineno}: it is truncated") from None
        raise BadRunError(f"{path} is not JSON: {error.msg} at line {error.lineno}") from None
    except (RecursionError, ValueError) as error:
        raise error if isinstance(error, BadRunError) else BadRunError(f"{path} is not JSON that can be read") from None


class _ImpossibleError(Exception):
    """A value that cannot be; the message says which."""


def _run(path: Path, document: dict[str, Any], records: tuple[Record, ...]) -> Run:
    ours = _table(document, "mlsys", "the run")
    _check_schema(ours, "the run")
    environment = _table(ours, "environment", "the run")
    versions, threads = _table(environment, "versions", "the run"), _table(ours, "threads", "the run")
    notes = ours.get("notes", [])
    if not isinstance(notes, list) or not all(isinstance(note, dict) for note in notes):
        raise _ImpossibleError("the notes of the run are not a list of tables")
    return Run(
        name=path.name,
        when=_text(document, "datetime", "the run") or "unknown",
        machine=_text(environment, "machine", "the run"),
        cpu=_text(environment, "cpu", "the run"),
        cores=_whole(environment, "cores", "the run", optional=True),
        system=" ".join(
            _text(environment, key, "the run") or "" for key in ("system", "release", "architecture")
        ).strip(),
        python=_text(environment, "python", "the run") or "unknown",
        versions={_printable(name): _printable(str(version)) for name, version in versions.items()},
        threads={_printable(name): int(_number(threads, name, "the threads")) for name in threads},
        budget_s=_optional(_table(ours, "protocol", "the run"), "budget_s", "the run"),
        notes=tuple(
            Note(
                _text(note, "contestant", "a note") or "?",
                int(_number(note, "n", "a note")),
                _text(note, "why", "a note") or "",
                note.get("failed") is True,
            )
            for note in notes
        ),
        records=records,
    )


def _record(bench: object) -> Record | None:
    """A record of ours, or None for a benchmark that is not ours or is not a square matrix product."""
    if not isinstance(bench, dict):
        raise _ImpossibleError("one of its benchmarks is not a table")
    where = f"the benchmark {_printable(str(bench.get('name', 'without a name')))!r}"
    ours = _table(_table(bench, "extra_info", where), "mlsys", where)
    if not ours:
        return None
    _check_schema(ours, where)
    shape = ours.get("shape")
    if ours.get("op") != "matmul" or not isinstance(shape, list) or len(shape) != 3:
        return None
    sizes = {_whole({"shape": size}, "shape", where) for size in shape}
    if len(sizes) != 1:
        return None
    stats = _table(bench, "stats", where)
    data = stats.get("data")
    seconds = data if isinstance(data, list) and data else [stats.get("median")]
    rounds = ours.get("rounds")
    if not isinstance(rounds, list) or len(rounds) != len(seconds):
        rounds = list(range(len(seconds)))
    return Record(
        contestant=_required(_text(ours, "contestant", where), "contestant", where),
        role=_required(_text(ours, "role", where), "role", where),
        exercise=_text(ours, "exercise", where),
        n=_required(sizes.pop(), "shape", where),
        dtype=_text(ours, "dtype", where) or "float32",
        threads=_whole(ours, "threads", where, optional=True) or 1,
        flops=_positive(ours, "flops", where),
        bytes=_positive(ours, "bytes", where),
        seconds=tuple(_positive({"seconds": value}, "seconds", where) for value in seconds),
        rounds=tuple(int(_number({"rounds": value}, "rounds", where)) for value in rounds),
        duel=_text(ours, "duel", where) or "",
        compile_s=_optional(ours, "compile_s", where),
        predicted_speedup=_optional(ours, "predicted_speedup", where),
        speedup_over=_text(ours, "speedup_over", where),
        speedup_n=_whole(ours, "speedup_n", where, optional=True),
    )


def _check_schema(ours: dict[str, Any], where: str) -> None:
    if not ours:
        return
    schema = _whole(ours, "schema", where)
    if schema is not None and schema > KNOWN_SCHEMA:
        raise _ImpossibleError(
            f"it was written in format {schema}, and this version reads up to {KNOWN_SCHEMA}: update mlsys-kernels"
        )


def _table(table: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise _ImpossibleError(f"{key} of {where} is {_shown(value)}, not a table")
    return value


def _text(table: dict[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise _ImpossibleError(f"{key} of {where} is {_shown(value)}, not a text")
    return None if value is None else _printable(value)


def _printable(text: str) -> str:
    """A stranger's text without what could steer a terminal, and not longer than a line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:300])


def _number(table: dict[str, Any], key: str, where: str) -> float:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e300 < value < 1e300:
        raise _ImpossibleError(f"{key} of {where} is {_shown(value)}, not a number")
    return value


def _positive(table: dict[str, Any], key: str, where: str) -> float:
    value = _number(table, key, where)
    if value <= 0:
        raise _ImpossibleError(f"{key} of {where} is {_shown(value)}, and must be more than 0")
    return float(value)


def _whole(table: dict[str, Any], key: str, where: str, optional: bool = False) -> int | None:
    if optional and table.get(key) is None:
        return None
    value = _positive(table, key, where)
    if value != math.floor(value):
        raise _ImpossibleError(f"{key} of {where} is {_shown(value)}, not a whole number")
    return int(value)


def _optional(table: dict[str, Any], key: str, where: str) -> float | None:
    value = None if table.get(key) is None else float(_number(table, key, where))
    if value is not None and value < 0:
        raise _ImpossibleError(f"{key} of {where} is {_shown(value)}, and must not be negative")
    return value


def _required(value: _T | None, key: str, where: str) -> _T:
    if value is None:
        raise _ImpossibleError(f"{key} of {where} is missing")
    return value


def _shown(value: object) -> str:
    return "missing" if value is None else _printable(repr(value)[:60])
