"""Close the file system around this process, by Linux's Landlock.

`restrict` leaves the given paths open and nothing else; whoever starts from here inherits that, and nobody can take it
back. Needs no privileges, but a kernel that has it (5.13, switched on at boot): `abi` is 0 where there is none.

It holds for opening, listing, making, moving and removing files. Not for what was open before, nor for stat, chmod,
chown, utime and extended attributes, nor for a network other than TCP: seccomp.py closes those that change something.
The number of the ABI is a claim (RHEL 9 says 6 without scopes), so try what matters instead of believing it. Landlock
counts threads one by one: call this while there is only one.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from enum import IntFlag
from functools import cache
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1 << 0  # flag of the first: tell the ABI
_PATH_BENEATH = 1  # the kind of rule
_PR_SET_NO_NEW_PRIVS = 38


class Access(IntFlag):
    """Rights on files and folders, as linux/landlock.h numbers them; the last three came with ABI 2, 3 and 5."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


_EVERYTHING = ~Access(0)
_OF_FILES = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
_DEVICES = Access.MAKE_CHAR | Access.MAKE_BLOCK | Access.IOCTL_DEV

# A shared library is mapped with READ_FILE alone. EXECUTE is for execve, which a worker never needs.
_READ = Access.READ_FILE | Access.READ_DIR
_WRITE = _EVERYTHING & ~Access.EXECUTE & ~_DEVICES

_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1


def abi() -> int:
    """The version of Landlock that this kernel offers; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, _syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)))


def restrict(read: Iterable[Path], write: Iterable[Path], listing: Iterable[Path] = ()) -> int:
    """Leave `read` to be read, `write` to be read and changed, the names in `listing` to be listed; close the rest.

    A path stands for all that is below it, and is followed if it is a symbolic link. One that does not exist, or that
    this user cannot reach, is left out. TCP is closed from ABI 4 on, signals to others and abstract sockets from 6 on.

    Returns:
        The ABI that was used; 0: nothing was restricted.

    Raises:
        RuntimeError: there is a second thread already, which would stay outside.
        OSError: the kernel refused, for instance because 16 restrictions are in force.
    """
    version = abi()
    if version == 0:
        return 0
    _require_single_thread()
    handled = _handled(version)
    network = _BIND_TCP | _CONNECT_TCP if version >= 4 else 0
    scoped = _ABSTRACT_SOCKETS | _SIGNALS if version >= 6 else 0
    # Older kernels know a shorter struct, and take the longer one as long as what they do not know is zero.
    attributes = struct.pack("=QQQ", handled, network, scoped)
    ruleset = _checked("create", _CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    try:
        for paths, access in ((read, _READ), (write, _WRITE), (listing, Access.READ_DIR)):
            for path in paths:
                _allow(ruleset, path, access & handled)
        _no_new_privileges()
        _checked("enforce", _RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return version


def _handled(version: int) -> Access:
    """Every right that a kernel of this ABI can withhold."""
    known = _EVERYTHING
    for right, since in ((Access.REFER, 2), (Access.TRUNCATE, 3), (Access.IOCTL_DEV, 5)):
        if version < since:
            known &= ~right
    return known


def _allow(ruleset: int, path: Path, access: Access) -> None:
    try:
        # O_PATH: naming a file is enough; opening it might have an effect, or need a right of its own.
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not os.path.isdir(descriptor):  # noqa: PTH112  # a descriptor, not a path: it cannot be swapped
            access &= _OF_FILES
        if access:
            rule = struct.pack("=Qi", access, descriptor)
            _checked(str(path), _ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)


def _require_single_thread() -> None:
    try:
        threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    except OSError:
        return  # no /proc to ask
    if threads > 1:
        raise RuntimeError(f"Landlock would leave {threads - 1} of {threads} threads unrestricted: call it earlier")


def _no_new_privileges() -> None:
    """What the kernel asks of a process without privileges, before it may restrict itself."""
    if _libc().prctl(_PR_SET_NO_NEW_PRIVS, *(ctypes.c_ulong(n) for n in (1, 0, 0, 0))) != 0:
        raise OSError("prctl: no_new_privs was refused")


def _checked(what: str, number: int, *arguments: object) -> int:
    result = _syscall(number, *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}", what)
    return result


def _syscall(number: int, *arguments: object) -> int:
    return int(_libc().syscall(ctypes.c_long(number), *arguments))


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
