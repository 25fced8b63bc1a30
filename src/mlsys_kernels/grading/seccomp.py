"""Close the system calls by which a process could leave its place, by Linux's seccomp.

`restrict` makes the kernel refuse them (PermissionError) in every thread of this process, for good: starting processes
and programs, sockets, looking into or signalling other processes, changing who owns a file or what its mode and times
are, raising limits, and everything that is for administrators. Threads, files, memory and timers work as ever.

It goes by system call, and by argument where that is a number: what a path names is landlock.py's business. A
descriptor that is open already stays usable, a socket too. Linux on x86_64 and aarch64; elsewhere nothing happens and
the answer is False. Set limits and drop privileges first: afterwards neither is possible.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable

# name, number on x86_64, number on aarch64 ("-": it has no such call)
_REFUSED = """
# talk: a network, another process
socket 41 198, connect 42 203, bind 49 200
shmget 29 194, shmat 30 196, msgget 68 186, semget 64 190, mq_open 240 180, mq_unlink 241 181
# look into another process, or act on it
ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440, process_mrelease 448 448
kcmp 312 272, move_pages 279 239, migrate_pages 256 238
pidfd_open 434 434, pidfd_getfd 438 438, pidfd_send_signal 424 424
# leave the group that is ended as a whole; other limits, another share of the machine
setsid 112 157, setpgid 109 154, setrlimit 160 164
setpriority 141 140, ioprio_set 251 30, sched_setscheduler 144 119, sched_setparam 142 118, sched_setattr 314 274
# owner, mode, times and attributes of a file, which Landlock does not guard
chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54
utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88, file_setattr 469 469
setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, setxattrat 463 463
removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16, removexattrat 466 466
mknod 133 -, mknodat 259 33
# open or watch a file without its path
name_to_handle_at 303 264, open_by_handle_at 304 265
inotify_init 253 -, inotify_init1 294 26, inotify_add_watch 254 27, fanotify_init 300 262, fanotify_mark 301 263
# memory that no limit counts
memfd_create 319 279, memfd_secret 447 447
# another view of the system
unshare 272 97, setns 308 268, chroot 161 51, pivot_root 155 41, mount 165 40, umount2 166 39, mount_setattr 442 442
move_mount 429 429, open_tree 428 428, open_tree_attr 467 467
fsopen 430 430, fsconfig 431 431, fsmount 432 432, fspick 433 433
# large parts of the kernel that a kernel of ours has no use for; io_uring would go round this very filter
io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427
bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, seccomp 317 277, personality 135 92
add_key 248 217, request_key 249 218, keyctl 250 219
# administration
acct 163 89, swapon 167 224, swapoff 168 225, reboot 169 142, kexec_load 246 104, kexec_file_load 320 294
init_module 175 105, finit_module 313 273, delete_module 176 106, syslog 103 116, vhangup 153 58
sethostname 170 161, setdomainname 171 162, quotactl 179 60, quotactl_fd 443 443
settimeofday 164 170, clock_settime 227 112, adjtimex 159 171, clock_adjtime 305 266
iopl 172 -, ioperm 173 -, modify_ldt 154 -
"""

# Refused as well unless programs may be started.
_STARTING = "fork 57 -, vfork 58 -, execve 59 221, execveat 322 281"

# Looked at more closely, in `_program`.
_CONDITIONAL = """
clone 56 220, clone3 435 435, prlimit64 302 261, sched_setaffinity 203 122
kill 62 129, tkill 200 130, tgkill 234 131, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240
prctl 157 167, fcntl 72 25, ioctl 16 29
"""

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_COLUMN = {"x86_64": 1, "aarch64": 2}
_X32 = 0x40000000  # this bit in a number: x86_64's second set of calls, with numbers of its own

_CLONE_THREAD = 0x10000
_CLONE_NAMESPACES = 0x7E020000
_PRCTL_REFUSED = (
    1,  # PR_SET_PDEATHSIG: would outlive the judge
    4,  # PR_SET_DUMPABLE: would hide from it
    22,  # PR_SET_SECCOMP
    36,  # PR_SET_CHILD_SUBREAPER
    0x59616D61,  # PR_SET_PTRACER
)
_FCNTL_REFUSED = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: a descriptor that sends signals to others
_IOCTL_REFUSED = (0x5412, 0x541C, 0x8901, 0x8902)  # TIOCSTI, TIOCLINUX: type into a terminal; FIOSETOWN, SIOCSPGRP

# Classic BPF, see linux/bpf_common.h; the words are offsets into struct seccomp_data (both machines: low half first).
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
# On every thread; and without the brake on speculation that kernels before 5.16 would put on a filtered process.
_FILTER_FLAGS = 1 << 0 | 1 << 2

Instruction = tuple[int, int, int, int]
"""Operation, how many instructions to skip if true, and if false, operand."""


def restrict(exec_allowed: bool = False) -> bool:
    """Refuse the calls above from now on; `exec_allowed` leaves out those that start a process or a program.

    Signals stay possible to this very process, by its present id. A call that is not of this machine's own kind (32-bit
    x86, x32) kills the process. clone3 looks absent, whose arguments cannot be seen: the C library then uses clone.

    Returns:
        False: nothing was done, for this system, machine or kernel has no such filter.

    Raises:
        OSError: another thread has a filter of its own, so that this one cannot hold for all.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _AUDIT_ARCH:
        return False
    program = _program(machine, os.getpid(), exec_allowed=exec_allowed)
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_ = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, *(ctypes.c_ulong(number) for number in (1, 0, 0, 0)))
    libc.syscall.restype = ctypes.c_long
    number = _numbers(_REFUSED, machine)["seccomp"]
    thread = libc.syscall(
        ctypes.c_long(number), ctypes.c_uint(_SET_MODE_FILTER), ctypes.c_uint(_FILTER_FLAGS), ctypes.c_char_p(filter_)
    )
    if thread > 0:
        raise OSError(errno.EBUSY, f"seccomp: thread {thread} has a filter of its own")
    return bool(thread == 0)


def _numbers(table: str, machine: str) -> dict[str, int]:
    """Name and number of every call in a table that this machine has."""
    lines = [line for line in table.splitlines() if not line.startswith("#")]
    rows = [row.split() for line in lines for row in line.split(",") if row.strip()]
    return {row[0]: int(row[_COLUMN[machine]]) for row in rows if row[_COLUMN[machine]] != "-"}


def _program(machine: str, pid: int, *, exec_allowed: bool) -> list[Instruction]:
    """The filter. The kernel runs it only for calls that it cannot tell by number alone (Linux 5.11 and later)."""
    refused = _numbers(_REFUSED if exec_allowed else _REFUSED + _STARTING, machine)
    number = _numbers(_CONDITIONAL, machine)
    pids = (pid,)
    closer = {
        "clone": _clone(exec_allowed=exec_allowed),
        "clone3": [_answer(errno.ENOSYS)],
        # Limits of this process may be read, not set: the third argument is an address, and must be none.
        "prlimit64": [*_must_be(0, (0, pid)), *_must_be(2, (0,)), *_must_be(2, (0,), high=True), _allow()],
        "sched_setaffinity": [*_must_be(0, (0, pid)), _allow()],
        "prctl": _must_not_be(0, _PRCTL_REFUSED),
        "fcntl": _must_not_be(1, _FCNTL_REFUSED),
        "ioctl": _must_not_be(1, _IOCTL_REFUSED),
    } | {
        name: [*_must_be(0, pids), _allow()]
        for name in ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
    }
    program = [(_LOAD, 0, 0, _ARCH), (_IF_EQUAL, 1, 0, _AUDIT_ARCH[machine]), _kill(), (_LOAD, 0, 0, _NUMBER)]
    if machine == "x86_64":
        program += [(_IF_AT_LEAST, 0, 1, _X32), _kill()]
    for name, block in closer.items():
        program += [(_IF_EQUAL, 0, len(block), number[name]), *block]
    for one in sorted(refused.values()):
        program += [(_IF_EQUAL, 0, 1, one), _answer(errno.EPERM)]
    return [*program, _allow()]


def _clone(*, exec_allowed: bool) -> list[Instruction]:
    """A thread is welcome, a new process only if programs are, another namespace never."""
    start = [_load(0), (_IF_ANY_BIT, 0, 1, _CLONE_NAMESPACES), _answer(errno.EPERM)]
    if exec_allowed:
        return [*start, _allow()]
    return [*start, (_IF_ANY_BIT, 1, 0, _CLONE_THREAD), _answer(errno.EPERM), _allow()]


def _must_be(argument: int, values: Iterable[int], *, high: bool = False) -> list[Instruction]:
    """Refuse if half an argument is none of `values`; else go on behind."""
    tests = list(values)
    jumps = [(_IF_EQUAL, len(tests) - at, 0, value) for at, value in enumerate(tests)]
    return [_load(argument, high=high), *jumps, _answer(errno.EPERM)]


def _must_not_be(argument: int, values: Iterable[int]) -> list[Instruction]:
    """Refuse if the low half of an argument is one of `values`; else allow."""
    tests = list(values)
    jumps = [(_IF_EQUAL, len(tests) - at, 0, value) for at, value in enumerate(tests)]
    return [_load(argument), *jumps, _allow(), _answer(errno.EPERM)]


def _load(argument: int, *, high: bool = False) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * argument + 4 * high)


def _allow() -> Instruction:
    return (_RETURN, 0, 0, _ALLOW)


def _kill() -> Instruction:
    return (_RETURN, 0, 0, _KILL_PROCESS)


def _answer(error: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | error)
