"""The memory traffic of one launch: of each tensor, of each wave of programs, and of all together.

Programs are numbered from 0 as a GPU starts them: the first axis of the grid moves fastest. A *wave* is so many
programs of neighbouring numbers as run side by side; what they share comes from the cache. The interpreter runs them
in another order, or a shuffled one, and the counts do not depend on that.

Limits: two arguments that are views of the same memory are counted apart, also among the compulsory bytes. A program
that wants a tensor through an integer, or through tl.where of two pointers, is counted with the tensor that it finds;
where that is none because every lane is off, the masked lanes are not counted. FLOPs are those of tl.dot alone.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mlsys_kernels.tracing import cells
from mlsys_kernels.tracing.launch import Launch, Program, Touch
from mlsys_kernels.tracing.tensor_traffic import TensorTraffic
from mlsys_kernels.tracing.views import View

MOST_NUMBERS = 512
"""Programs in the order, and waves, that are listed; the sums are of all."""

MOST_TENSORS = 12
"""Tensors of one launch that are listed; the sums are of all."""

SUMS = ("loads", "stores", "bytes_loaded", "bytes_stored", "unique_bytes_loaded", "unique_bytes_stored")


@dataclass
class LaunchTraffic:
    """What is counted while a kernel runs.

    Attributes:
        kernel: its name.
        launch: what its arguments are; None if there is no tensor among them.
        wave: programs that run side by side; None: all of them.
        maps: whether pictures are asked for.
        grid: programs along each axis; None before the first one runs.
        dot_flops: FLOPs of its tl.dot calls; None if they are not known.
    """

    kernel: str
    launch: Launch | None
    wave: int | None
    maps: bool
    grid: Program | None = None
    dot_flops: int | None = None
    _tensors: dict[View, TensorTraffic] = field(init=False)
    _order: list[int] = field(default_factory=list)
    _left: dict[int, int] = field(default_factory=dict)  # of each wave that has begun, the programs still to come
    _bytes: dict[int, int] = field(default_factory=dict)  # of each wave that has ended
    _programs: int = 0
    _program: int = 0
    _running: int = 0

    def __post_init__(self) -> None:
        self._tensors = {
            view: TensorTraffic(view, memory.is_input, np.zeros(view.span, np.int32) if self.maps else None)
            for memory in (self.launch.memories if self.launch is not None else ())
            for view in memory.views
        }

    def enter(self, program: Program, grid: Program) -> None:
        """A program begins; the one before has ended."""
        self._leave()
        self.grid, self._program = grid, gpu_number(program, grid)
        total = grid[0] * grid[1] * grid[2]
        size = self.wave or total
        self._programs += 1
        self._running = self._program // size
        self._left.setdefault(self._running, min(size, total - self._running * size))
        if len(self._order) < MOST_NUMBERS:
            self._order.append(self._program)

    def touch(self, touch: Touch) -> None:
        """The running program does what `touch` says; the memory is its to touch."""
        if self.launch is None:
            return
        owner = None
        for view, chosen in self.launch.owners(touch):
            owner = owner or self._tensors[view]
            if touch.addresses.size:
                self._tensors[view].note(touch, chosen, self._program, self._running)
        if owner is not None:
            owner.masked += touch.lanes.size - touch.addresses.size

    def end(self, dot_flops: int | None) -> None:
        """The last program has ended, or has failed."""
        self._leave()
        for wave in {*self._left, self._running} - set(self._bytes):
            self._end_wave(wave)
        self.dot_flops = dot_flops

    def storages(self) -> set[int]:
        """Addresses of the memory that was stored to."""
        return {view.storage for view, tensor in self._tensors.items() if tensor.stored.elements}

    def plain(self) -> dict[str, Any]:
        """The whole launch as JSON data; intensities in FLOP per byte, None where they are not known."""
        tensors = [tensor.plain() for tensor in self._tensors.values()]
        sums = {name: sum(tensor[name] for tensor in tensors) for name in SUMS}
        return {
            "kernel": self.kernel[:80],
            "grid": None if self.grid is None else list(self.grid),
            "programs": self._programs,
            "order": self._order,
            "dot_flops": self.dot_flops,
            **sums,
            "intensity": per_byte(self.dot_flops, sums["bytes_loaded"] + sums["bytes_stored"]),
            "ideal_intensity": per_byte(self.dot_flops, sums["unique_bytes_loaded"] + sums["unique_bytes_stored"]),
            "wave": self.wave,
            "wave_bytes": [self._bytes[wave] for wave in sorted(self._bytes)][:MOST_NUMBERS],
            "tensors": tensors[:MOST_TENSORS],
        }

    def pictures(self, room: int) -> list[dict[str, Any]]:
        """For each tensor that is listed: its cells, of which no more than `room` in all, and its first lanes."""
        drawn = []
        for tensor in list(self._tensors.values())[:MOST_TENSORS]:
            grids: dict[str, Any] = {
                "reads": None if tensor.reads is None or not tensor.loaded.elements
                else cells.most_reads(tensor.view, tensor.reads),
                "writer": None if tensor.writer is None else cells.lowest_writers(tensor.view, tensor.writer),
            }  # fmt: skip
            for name, grid in grids.items():
                room -= 0 if grid is None else len(grid) * len(grid[0])
                grids[name] = grid if room >= 0 else None
            lanes = {"first_load": tensor.loaded.lanes, "first_store": tensor.stored.lanes}
            drawn.append({"name": tensor.view.name[:40]} | grids | lanes)
        return drawn

    def _leave(self) -> None:
        """Forget which elements a wave has loaded once it is complete: a wave may be as large as its tensors."""
        if self._left.get(self._running, 0):
            self._left[self._running] -= 1
            if self._left[self._running] == 0:
                self._end_wave(self._running)
                del self._left[self._running]

    def _end_wave(self, wave: int) -> None:
        self._bytes[wave] = sum(tensor.end_wave(wave) for tensor in self._tensors.values())


def gpu_number(program: Program, grid: Program) -> int:
    """Its place in the order in which a GPU starts programs, from 0: the first axis moves fastest."""
    return program[0] + grid[0] * (program[1] + grid[1] * program[2])


def per_byte(flops: int | None, moved: int) -> float | None:
    """FLOP per byte; None if either is not known or nothing is moved."""
    return flops / moved if flops is not None and moved else None
