"""How much a submission may use. The worker applies what the system enforces; the judge watches the rest.

Time is counted in CPU seconds, so that a busy machine cannot make a right kernel fail; a process that waits without
using the CPU is ended by a limit of its own. A numba compilation has its own budget.
"""

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

CASE_SECONDS = 60.0
"""CPU seconds of one case."""
IDLE_SECONDS = 10.0
"""Seconds without work after which a worker is taken to wait for ever."""
COMPILE_FACTOR = 2.0
"""CPU seconds that numba may compile for one request, apart from the case's own, for each of those."""
MEMORY_BYTES = 512 << 20
"""Memory of a submission beyond its operands and what the worker held before it."""
WATCH_SLACK = 64 << 20
"""What the watched (resident) memory may exceed that by: buffers of libraries, pages of code."""
FILE_BYTES = 32 << 20
"""The largest file that a worker may write."""
SCRATCH_BYTES = 128 << 20
SCRATCH_FILES = 2_000
"""All that a worker may write into its scratch folder."""
LONGEST_PATH = 2_000
"""Characters of a path below it."""
OPEN_FILES = 256
OUTPUT_BYTES = 64 << 20
"""Bytes of output after which a worker is ended."""


@dataclass(frozen=True)
class Budget:
    """Limits of one request: CPU seconds of its own work, seconds of doing nothing, CPU seconds of compiling."""

    seconds: float = CASE_SECONDS
    idle: float = IDLE_SECONDS
    compiling: float = COMPILE_FACTOR * CASE_SECONDS

    @property
    def wall(self) -> float:
        """Seconds after which a request ends in any case, however little of them was work."""
        return 5 * self.seconds + self.compiling + self.idle


def budget(seconds: float) -> Budget:
    """The limits for cases of `seconds` CPU seconds."""
    return Budget(seconds, min(IDLE_SECONDS, seconds), COMPILE_FACTOR * seconds)


def apply(memory: int = MEMORY_BYTES) -> None:
    """In the worker: limit its memory, files and core dumps; where there is no such limit, the judge watches."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    if sys.platform == "linux":
        # RLIMIT_DATA, not RLIMIT_AS: numba and torch reserve far more addresses than they use.
        most = _private_bytes() + memory
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _private_bytes() -> int:
    """Private writable memory of this process, which is what RLIMIT_DATA counts."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def cpu_seconds(pid: int) -> float | None:
    """CPU time of a process and all its threads; None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rsplit(b")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waiting_seconds(pid: int) -> float:
    """How long the threads of a process have waited for a processor that others used; 0 where nobody counts it."""
    waited = 0
    with contextlib.suppress(OSError, IndexError, ValueError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            waited += int((task / "schedstat").read_text().split()[1])
    return waited / 1e9


def resident_bytes(pid: int) -> int | None:
    """Memory that a process holds now; None where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def bytes_written(pid: int) -> int:
    """Bytes that a process has handed to write(2) so far, whatever became of the files; 0 where nobody counts them."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        for line in Path(f"/proc/{pid}/io").read_text().splitlines():
            if line.startswith("wchar:"):
                return int(line.split()[1])
    return 0


def written(folder: Path) -> tuple[int, int]:
    """Bytes and files in a folder; it stops counting beyond the limits, and at folders nested too deep."""
    size = files = 0
    waiting = [str(folder)]
    while waiting and size <= SCRATCH_BYTES and files <= SCRATCH_FILES:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                files += 1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    if len(entry.path) > LONGEST_PATH:
                        return size, SCRATCH_FILES + 1
                else:
                    with contextlib.suppress(OSError):
                        size += entry.stat(follow_symlinks=False).st_size
                if files > SCRATCH_FILES:
                    break
    return size, files
