"""Count the memory traffic of Triton kernels in the interpreter: what each launch loads and stores, to the byte.

    triton_traffic.start(wave=9)      # the sanitizer tells of every access from now on
    matmul(a, b)
    counted = triton_traffic.counts()

The counts are the same on every machine, in every process, and for every order of the programs. Needs
`interpreter.install()` and `sanitizer.install()`; an access that is a fault is not counted. As long as `start` has not
been called, nothing is counted and nothing is slower.

Limits: those of `launch_traffic` and `tensor_traffic`. No cache is modelled: bytes are what lanes ask for.
"""

from dataclasses import dataclass, field
from typing import Any

from mlsys_kernels.tracing import interpreter, sanitizer
from mlsys_kernels.tracing.launch import Launch, Program, Touch
from mlsys_kernels.tracing.launch_traffic import SUMS, LaunchTraffic, per_byte

MOST_LAUNCHES = 6
"""Launches that are listed; the sums are of all."""

MOST_CELLS = 4 * 64 * 64
"""Cells of all pictures together. With the other limits, JSON of the counts is shorter than 200 KiB."""


@dataclass
class Traffic:
    """What is counted from `start` to `counts`: the sanitizer calls begin, then enter and touch, then end."""

    wave: int | None
    maps: bool
    launches: list[dict[str, Any]] = field(default_factory=list)
    launched: int = 0
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SUMS, 0))
    dot_flops: int | None = 0
    storages: set[int] = field(default_factory=set)
    _running: LaunchTraffic | None = None
    _flops_before: int | None = None
    _room: int = MOST_CELLS

    def begin(self, kernel: str, launch: Launch | None) -> None:
        """A kernel is launched."""
        self._running = LaunchTraffic(kernel, launch, self.wave, self.maps and self.launched < MOST_LAUNCHES)
        self._flops_before = interpreter.dot_flops()

    def enter(self, program: Program, grid: Program) -> None:
        """A program of it begins."""
        if self._running is not None:
            self._running.enter(program, grid)

    def touch(self, touch: Touch) -> None:
        """That program accesses memory, and may."""
        if self._running is not None:
            self._running.touch(touch)

    def end(self) -> None:
        """The kernel has ended, or has failed."""
        ended, self._running = self._running, None
        if ended is None:
            return
        flops = interpreter.dot_flops()
        ended.end(None if flops is None or self._flops_before is None else flops - self._flops_before)
        plain = ended.plain()
        self.launched += 1
        self.storages |= ended.storages()
        for name in SUMS:
            self.sums[name] += plain[name]
        if self.dot_flops is not None:
            self.dot_flops = None if ended.dot_flops is None else self.dot_flops + ended.dot_flops
        if len(self.launches) < MOST_LAUNCHES:
            if self.maps:
                plain["pictures"] = ended.pictures(self._room)
                grids = [grid for picture in plain["pictures"] for grid in (picture["reads"], picture["writer"])]
                self._room -= sum(len(grid) * len(grid[0]) for grid in grids if grid is not None)
            self.launches.append(plain)


_started: list[Traffic] = []


def start(wave: int | None = None, *, maps: bool = False) -> None:
    """Count every launch from now on, from zero.

    Args:
        wave: programs that run side by side, whose unique bytes are counted together; None: all of a launch.
        maps: also draw each tensor of one or two axes, which takes longer.

    Raises:
        ValueError: a wave of less than one program.
    """
    if wave is not None and wave < 1:
        raise ValueError(f"a wave of {wave} programs: it has at least 1")
    traffic = Traffic(wave, maps)
    _started[:] = [traffic]
    sanitizer.count(traffic)


def stored(tensor: Any) -> bool:
    """Whether a kernel has stored to this tensor's memory since `start()`; ask before `counts()`."""
    return bool(_started) and tensor.untyped_storage().data_ptr() in _started[-1].storages


def counts() -> dict[str, Any]:
    """What has been counted since `start()`, as JSON data; nothing is counted any more.

    Returns:
        launched, and over all launches the sums loads, stores (elements), bytes_loaded, bytes_stored,
        unique_bytes_loaded, unique_bytes_stored, dot_flops, intensity, ideal_intensity (FLOP per byte loaded and
        stored; per unique byte of each tensor of each launch); and `launches`, the first MOST_LAUNCHES of them, each
        with the same for itself and
        kernel, grid, programs, order: the numbers of the programs in the order in which they ran here,
        wave, wave_bytes: unique bytes that each wave loads, in the order of waves,
        tensors: see `TensorTraffic.plain`, of which an atomic counts as a load and as a store,
        pictures: only with maps; for each tensor its cells, see `cells`, and the byte offsets of the first 32 lanes of
        the first load and the first store.

    Raises:
        RuntimeError: `start()` was not called.
    """
    if not _started:
        raise RuntimeError("counts() without start(): nothing was counted")
    sanitizer.count(None)
    traffic = _started.pop()
    moved, unique = (
        sum(traffic.sums[f"{kind}bytes_{way}"] for way in ("loaded", "stored")) for kind in ("", "unique_")
    )
    return {
        "launched": traffic.launched,
        **traffic.sums,
        "dot_flops": traffic.dot_flops,
        "intensity": per_byte(traffic.dot_flops, moved),
        "ideal_intensity": per_byte(traffic.dot_flops, unique),
        "launches": traffic.launches,
    }
