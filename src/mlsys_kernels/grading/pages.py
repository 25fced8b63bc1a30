"""Memory that judge and worker share: operands and the room for the result, each on pages of its own.

The judge owns the file behind the pages (a sealed memfd on Linux, an unlinked file elsewhere) and the worker maps
pieces of it, each between two pages that nobody may touch. An operand lies flush with the end or the start of its
pages, so that an access past that end is a fault of the processor and not a silent wrong number.
"""

import ctypes
import fcntl
import mmap
import os
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CAPACITY = 256 << 20
"""Bytes for all arrays of one call; pages that nobody touches cost nothing."""
PAGE = mmap.PAGESIZE
POISON = 0x7F
"""Every byte around an operand, and of a result before the call: NaN in float16, 3.4e38 in float32."""

_F_ADD_SEALS, _SEAL_SEAL, _SEAL_SHRINK, _SEAL_GROW = 1033, 1, 2, 4


@dataclass(frozen=True)
class Piece:
    """`size` bytes of pages from `offset` on, in which an array of `nbytes` bytes starts at byte `start`."""

    offset: int
    size: int
    start: int
    nbytes: int


class Pages:
    """The judge's side. Page 0 is the worker's notice board: its first byte says whether numba is compiling."""

    def __init__(self) -> None:
        if hasattr(os, "memfd_create"):
            self.fd = os.memfd_create("mlsys", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            os.ftruncate(self.fd, CAPACITY)
            # A worker that shrank the file would crash the judge, and one that grew it could fill the memory.
            fcntl.fcntl(self.fd, _F_ADD_SEALS, _SEAL_SEAL | _SEAL_SHRINK | _SEAL_GROW)
        else:
            with tempfile.TemporaryFile() as file:
                self.fd = os.dup(file.fileno())
            os.ftruncate(self.fd, CAPACITY)
        self._map = mmap.mmap(self.fd, CAPACITY)
        self._bytes: NDArray[np.uint8] = np.frombuffer(self._map, np.uint8)
        self._used = PAGE

    def clear(self) -> None:
        """Give all pieces back."""
        self._used = PAGE

    def reserve(self, nbytes: int, *, at_end: bool = True) -> Piece:
        """Take poisoned pages for an array of `nbytes` bytes.

        Raises:
            ValueError: the arrays of this call are larger than `CAPACITY`.
        """
        size = max(1, -(-nbytes // PAGE)) * PAGE
        if self._used + size > CAPACITY:
            raise ValueError(f"the arrays of one call need more than {CAPACITY >> 20} MiB")
        piece = Piece(self._used, size, size - nbytes if at_end else 0, nbytes)
        self._used += size
        self.poison(piece)
        return piece

    def poison(self, piece: Piece) -> None:
        """Fill the pages of a piece with `POISON`."""
        self._bytes[piece.offset : piece.offset + piece.size] = POISON

    def write(self, piece: Piece, data: NDArray[Any]) -> None:
        """Put an array's bytes into its place."""
        first = piece.offset + piece.start
        self._bytes[first : first + piece.nbytes] = np.frombuffer(data.tobytes(), np.uint8)

    def read(self, piece: Piece) -> bytes:
        """A copy of an array's bytes, which the worker cannot change any more."""
        first = piece.offset + piece.start
        return self._bytes[first : first + piece.nbytes].tobytes()

    def untouched_around(self, piece: Piece) -> bool:
        """Whether the bytes of the pages around an array still hold `POISON`."""
        pages = self._bytes[piece.offset : piece.offset + piece.size]
        before, after = pages[: piece.start], pages[piece.start + piece.nbytes :]
        return bool((before == POISON).all() and (after == POISON).all())

    def compiling(self) -> bool:
        """Whether the worker says that numba compiles now."""
        return bool(self._bytes[0])

    def close(self) -> None:
        """Unmap the pages."""
        del self._bytes
        self._map.close()
        os.close(self.fd)


class Mapping:
    """The worker's side: pieces mapped between guard pages. What was mapped stays mapped, for arrays that are kept."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.mmap.restype = ctypes.c_void_p
        number = ctypes.c_int
        self._libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, number, number, number, ctypes.c_long]
        self._mapped: dict[tuple[int, int], int] = {}
        self._board = mmap.mmap(fd, PAGE)

    def note_compiling(self, *, compiling: bool) -> None:
        """Tell the judge that the compiler is at work: its time is counted apart."""
        self._board[0] = compiling

    def array(self, offset: int, size: int, start: int, nbytes: int) -> NDArray[np.uint8]:
        """The bytes of a piece, as an array that lies between guard pages."""
        base = self._mapped.get((offset, size))
        if base is None:
            base = self._mapped[offset, size] = self._between_guards(offset, size)
        buffer = (ctypes.c_uint8 * nbytes).from_address(base + start)
        return np.ctypeslib.as_array(buffer) if nbytes else np.empty(0, np.uint8)

    def _between_guards(self, offset: int, size: int) -> int:
        anonymous = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        base = self._libc.mmap(None, size + 2 * PAGE, 0, anonymous, -1, 0)
        fixed = 0x10  # MAP_FIXED, on Linux and macOS alike
        inside = self._libc.mmap(
            base + PAGE, size, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED | fixed, self._fd, offset
        )
        if base in (None, ctypes.c_void_p(-1).value) or inside != base + PAGE:
            raise OSError(ctypes.get_errno(), "the operands could not be mapped")
        return int(inside)


def perturb_new_memory() -> bool:
    """Make malloc fill what it hands out with `POISON`, so that np.empty never looks like zeros; True where it can."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    m_perturb = -6
    return hasattr(libc, "mallopt") and libc.mallopt(m_perturb, POISON ^ 0xFF) == 1
