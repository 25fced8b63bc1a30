"""The wall around a worker, and which part of it stands on this machine.

`confine` is called by a worker on itself, before any of the submission runs; none of it can be taken back. What it
achieved is not believed but tried: `probe` does in a confined process what a hostile file would try, and the judge
takes the level from what happened.

strong: files, processes, network and memory are closed (Landlock and seccomp at work). medium: some of them. basic:
limits on time, memory and output only (macOS, old kernels).
"""

import contextlib
import os
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mlsys_kernels.grading import landlock, privileges, readable, seccomp

Level = Literal["strong", "medium", "basic"]
LEVELS: tuple[Level, ...] = ("basic", "medium", "strong")


@dataclass(frozen=True)
class Isolation:
    """What a confined process could not do, each as tried; `native` workers may start programs, for the compiler."""

    files: bool
    processes: bool
    network: bool
    native: bool = False

    @property
    def level(self) -> Level:
        """strong, medium or basic."""
        closed = (self.files, self.processes, self.network)
        if all(closed) and not self.native:
            return "strong"
        return "medium" if any(closed) else "basic"

    def text(self) -> str:
        """One line: the level and what is open."""
        names = (("files", self.files), ("processes", self.processes), ("network", self.network))
        missing = [name for name, closed in names if not closed]
        return self.level + (f" (not closed: {', '.join(missing)})" if missing else "")


def at_least(level: str, wanted: str) -> bool:
    """Whether `level` is as good as `wanted`."""
    order = [str(name) for name in LEVELS]
    return order.index(level) >= order.index(wanted)


def confine(read: Iterable[Path], write: Iterable[Path], *, native: bool = False) -> None:
    """Close what can be closed around this process.

    `native`: for Triton on a GPU, whose driver needs devices and sockets and whose compiler starts programs, only
    privileges are dropped. What more can be closed there has to be tried on such a machine.
    """
    privileges.die_first()
    privileges.drop()
    if native:
        return
    if landlock.restrict(read, write, readable.folders()):
        readable.hide_the_rest()
    seccomp.restrict()


def probe(outside: Path) -> dict[str, bool]:
    """Try, in a confined process, what must not work. `outside` is a readable file that the judge has made."""
    return {
        "files": _refused(lambda: outside.read_bytes()) and _refused(lambda: outside.write_bytes(b"changed")),
        "processes": _refused(_fork) and _refused(lambda: os.kill(os.getppid(), 0)),
        "network": _refused(_connect),
    }


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.wait()


def _connect() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as line:
        line.settimeout(0.2)
        line.connect(("127.0.0.1", 9))
