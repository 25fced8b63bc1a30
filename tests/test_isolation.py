"""A confined process reads, writes, starts and reaches what it was given, and still computes as fast as it likes.

Each test starts a Python that closes itself in, tries something, and prints what came of it. As root, everything is
tried twice: as root, and as an ordinary user that the child becomes first.
"""

import errno
import json
import os
import platform
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mlsys_kernels.grading import landlock, readable, seccomp

ROOT = Path(__file__).parents[1]
NOBODY = 65534
USERS = [os.getuid(), NOBODY] if hasattr(os, "getuid") and os.getuid() == 0 else [None]
CAN_FILTER = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")

pytestmark = [
    pytest.mark.skipif(landlock.abi() == 0, reason="this system has no Landlock (Linux 5.13, switched on at boot)"),
    pytest.mark.skipif(not CAN_FILTER, reason="our seccomp filter knows Linux on x86_64 and aarch64 only"),
]

PREPARED = """
import ctypes, errno, json, os, resource, signal, socket, subprocess, sys, threading, time
from pathlib import Path
sys.path.insert(0, {src!r})
from mlsys_kernels.grading import landlock, privileges, readable, seccomp
given, scratch, parent = Path({given!r}), Path({scratch!r}), os.getppid()
libc = ctypes.CDLL(None, use_errno=True)
outcome = {{}}

def attempt(name, action):
    "Note the value of action(), or the name of what it raises."
    try:
        value = action()
        outcome[name] = value if isinstance(value, (str, int, bool, list, dict)) else "done"
    except BaseException as error:
        outcome[name] = type(error).__name__
    return outcome[name]

def become_ordinary():
    "An account without privileges, if this is root's turn to play one."
    if {user!r} is not None and {user!r} != os.getuid():
        os.setgroups([])
        os.setgid({user!r})
        os.setuid({user!r})

def confine():
    privileges.die_first()
    become_ordinary()
    privileges.drop()
    landlock.restrict([*map(Path, {read!r}), given], [scratch], listing=map(Path, {listing!r}))
    assert seccomp.restrict()
"""


@pytest.fixture(params=USERS, ids=lambda user: {0: "root", NOBODY: "ordinary", None: "self"}[user])
def child(request):
    """`run(code)` prepares a process and runs the code in it; it returns what the code put into `outcome`.

    `start` is the same without judging the exit. The child may read `given`, change `scratch`, and see no `outside`.
    """
    # pytest's own folders can be entered by their owner only
    base = Path(tempfile.mkdtemp(prefix="mlsys-isolation-"))
    base.chmod(0o755)
    given, scratch, outside = base / "given", base / "scratch", base / "outside"
    for folder in (given, scratch, outside):
        folder.mkdir()
        (folder / "text").write_text(f"in {folder.name}")
        if request.param is not None:
            for path in (folder, folder / "text"):
                os.chown(path, request.param, request.param)
    prepared = PREPARED.format(
        src=str(ROOT / "src"),
        given=str(given),
        scratch=str(scratch),
        user=request.param,
        read=[str(path) for path in readable.paths()],
        listing=[str(path) for path in readable.folders()],
    )

    def start(code: str, pass_fds=(), **env: str) -> subprocess.CompletedProcess:
        whole = prepared + textwrap.dedent(code) + "\nprint(json.dumps(outcome))\nsys.stdout.flush()\nos._exit(0)\n"
        mild = {"PATH": os.environ["PATH"], "HOME": str(scratch), "OPENBLAS_NUM_THREADS": "1", **env}
        return subprocess.run(
            [sys.executable, "-I", "-c", whole],
            capture_output=True, text=True, timeout=300, env=mild, cwd=base, pass_fds=pass_fds, start_new_session=True,
        )  # fmt: skip

    def run(code: str, pass_fds=(), **env: str) -> dict:
        done = start(code, pass_fds, **env)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    # What an ordinary user cannot import from root's home must be imported before it becomes one.
    early = request.param not in (None, os.getuid())
    yield SimpleNamespace(
        run=run, start=start, base=base, given=given, scratch=scratch, outside=outside, user=request.param, early=early
    )
    shutil.rmtree(base)


def names(outcome: dict, *allowed: str) -> list[str]:
    """The attempts that ended otherwise than in one of the allowed ways."""
    return [f"{name}: {how}" for name, how in outcome.items() if how not in allowed]


def test_a_confined_process_reads_what_it_was_given_and_nothing_else(child) -> None:
    files = {
        "a solution": next((ROOT / "solutions").glob("*.py")),
        "an exercise": next((ROOT / "exercises").glob("*.py")),
        "the package": ROOT / "src" / "mlsys_kernels" / "__init__.py",
        "the tests": __file__,
        "the accounts": "/etc/passwd",
        "a neighbour": child.outside / "text",
        "pytest": pytest.__file__,
    }
    outcome = child.run(f"""
        confine()
        attempt("given", (given / "text").read_text)
        attempt("own process", lambda: Path("/proc/self/status").read_text()[:4])
        for name, path in {[(name, str(path)) for name, path in files.items()]}:
            attempt(name, Path(path).read_bytes)
        attempt("the parent's environment", Path(f"/proc/{{parent}}/environ").read_bytes)
        attempt("the parent's memory", lambda: open(f"/proc/{{parent}}/mem", "rb"))
        attempt("names of /", lambda: os.listdir("/"))
        attempt("names of the solutions", lambda: os.listdir({str(ROOT / "solutions")!r}))
        attempt("by a link", lambda: ((scratch / "link").symlink_to({str(child.outside / "text")!r}),
                                      (scratch / "link").read_text()))
    """)

    assert outcome.pop("given") == "in given"
    assert outcome.pop("own process") == "Name"
    assert names(outcome, "PermissionError") == []


def test_a_confined_process_writes_into_its_own_folder_only(child) -> None:
    outcome = child.run(f"""
        outside = Path({str(child.outside)!r})
        confine()
        attempt("own", lambda: (scratch / "new").write_text("new") and (scratch / "new").rename(scratch / "newer"))
        attempt("own folder", lambda: (scratch / "deep").mkdir() or (scratch / "deep" / "file").write_text("new"))
        attempt("away", lambda: (scratch / "newer").unlink())
        attempt("what is given", lambda: (given / "text").write_text("changed"))
        attempt("a neighbour", lambda: (outside / "text").write_text("changed"))
        attempt("cut", lambda: os.truncate(outside / "text", 0))
        attempt("new", lambda: (outside / "new").write_text("new"))
        attempt("folder", lambda: (outside / "folder").mkdir())
        attempt("remove", lambda: (outside / "text").unlink())
        attempt("move out", lambda: (scratch / "text").rename(outside / "moved"))
        attempt("move in", lambda: (outside / "text").rename(scratch / "moved"))
        attempt("link in", lambda: os.link(outside / "text", scratch / "linked"))
        attempt("device", lambda: os.mknod(scratch / "device", 0o020666, os.makedev(1, 3)))
    """)

    done = {name: outcome.pop(name) for name in ("own", "own folder", "away")}
    assert names(done, "done", 3) == []
    assert names(outcome, "PermissionError", "OSError") == []  # a move across the border looks like one across disks
    assert (child.outside / "text").read_text() == "in outside"
    assert sorted(path.name for path in child.outside.iterdir()) == ["text"]


def test_a_confined_process_starts_no_other(child) -> None:
    outcome = child.run("""
        confine()
        attempt("fork", lambda: os.fork() or os._exit(0))
        attempt("forkpty", lambda: os.forkpty()[0] or os._exit(0))
        attempt("exec", lambda: os.execv("/bin/true", ["true"]))
        attempt("spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
        attempt("subprocess", lambda: subprocess.run(["/bin/true"]))
        attempt("system", lambda: os.system("true") or "done")
        libc.syscall(435, None, 0)
        outcome["clone3"] = errno.errorcode[ctypes.get_errno()]
        sum_of = []
        thread = threading.Thread(target=lambda: sum_of.append(1))
        thread.start()
        thread.join()
        outcome["threads"] = sum(sum_of)
    """)

    assert outcome.pop("threads") == 1
    assert outcome.pop("clone3") == "ENOSYS"
    assert outcome.pop("system") != 0
    assert names(outcome, "PermissionError", "OSError") == []  # no pseudo-terminal: an OSError without a kind


def test_a_confined_process_reaches_nobody(child) -> None:
    with socket.socket() as inherited, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        outcome = child.run(
            f"""
            inherited = socket.socket(fileno={inherited.fileno()})
            confine()
            attempt("tcp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            attempt("udp", lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
            attempt("unix", lambda: socket.socket(socket.AF_UNIX))
            attempt("connect", lambda: inherited.connect({listening.getsockname()!r}))
            attempt("bind", lambda: inherited.bind(("127.0.0.1", 0)))
            """,
            pass_fds=[inherited.fileno()],
        )

    assert names(outcome, "PermissionError") == []


def test_landlock_alone_closes_tcp_and_signals(child) -> None:
    if landlock.abi() < 6:
        pytest.skip(f"Landlock {landlock.abi()} knows no scopes")
    outcome = child.run("""
        become_ordinary()
        landlock.restrict([], [])
        line = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        attempt("connect", lambda: line.connect(("127.0.0.1", 9)))
        attempt("bind", lambda: line.bind(("127.0.0.1", 0)))
        attempt("kill", lambda: os.kill(parent, 0))
    """)

    assert names(outcome, "PermissionError") == []


def test_a_confined_process_signals_nobody_but_itself(child) -> None:
    outcome = child.run("""
        import fcntl
        confine()
        attempt("parent", lambda: os.kill(parent, 0))
        attempt("group", lambda: os.kill(0, 0))
        attempt("all", lambda: os.kill(-1, 0))
        attempt("by descriptor", lambda: os.pidfd_open(parent))
        ends = os.pipe()
        attempt("when a pipe is ready", lambda: fcntl.fcntl(ends[0], fcntl.F_SETOWN, parent))
        attempt("self", lambda: os.kill(os.getpid(), 0) or "done")
        heard = []
        signal.signal(signal.SIGUSR1, lambda *_: heard.append("heard"))
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        signal.signal(signal.SIGALRM, lambda *_: heard.append("alarm"))
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        time.sleep(0.2)
        outcome["heard"] = heard
    """)

    assert outcome.pop("heard") == ["heard", "alarm"]
    assert outcome.pop("self") == "done"
    assert names(outcome, "PermissionError") == []


def test_a_confined_process_leaves_owner_mode_times_and_attributes_of_files_alone(child) -> None:
    before = (child.given / "text").stat()
    outcome = child.run("""
        confine()
        for folder in (given, scratch):
            path = folder / "text"
            attempt(f"mode {folder}", lambda: path.chmod(0o777))
            attempt(f"owner {folder}", lambda: os.chown(path, os.getuid(), -1))
            attempt(f"times {folder}", lambda: os.utime(path, (0, 0)))
            attempt(f"attribute {folder}", lambda: os.setxattr(path, "user.of", b"me"))
            with open(path) as open_file:
                attempt(f"open {folder}", lambda: os.fchmod(open_file.fileno(), 0o777))
    """)

    assert names(outcome, "PermissionError") == []
    after = (child.given / "text").stat()
    assert (after.st_mode, after.st_uid, after.st_mtime) == (before.st_mode, before.st_uid, before.st_mtime)


def test_a_confined_process_keeps_its_limits_and_its_place(child) -> None:
    outcome = child.run("""
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
        confine()
        attempt("read a limit", lambda: list(resource.getrlimit(resource.RLIMIT_NOFILE)))
        attempt("raise", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200)))
        attempt("lower", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50)))
        attempt("of the parent", lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE))
        attempt("the parent's", lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE, (50, 50)))
        attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, parent, 10))
        attempt("scheduler", lambda: os.sched_setscheduler(parent, os.SCHED_BATCH, os.sched_param(0)))
        attempt("the parent's cores", lambda: os.sched_setaffinity(parent, os.sched_getaffinity(0)))
        attempt("own cores", lambda: os.sched_setaffinity(0, os.sched_getaffinity(0)))
        attempt("session", os.setsid)
        attempt("group", lambda: os.setpgid(0, 0))
        for name, option, argument in (("death", 1, 0), ("hide", 4, 0), ("tracer", 0x59616D61, -1), ("name", 15, b"n")):
            outcome[name] = libc.prctl(option, argument, 0, 0, 0)
        for name, number in {"memfd_create": "memfd", "unshare": 0x10000000}.items():
            outcome[name] = getattr(libc, name)(number, 0)
    """)

    assert outcome.pop("read a limit") == [100, 200]
    assert outcome.pop("own cores") == "done"
    assert outcome.pop("name") == 0
    # Python calls a limit that may not be set a ValueError
    assert names(outcome, "PermissionError", "ValueError", -1) == []


def test_the_filter_holds_in_a_thread_that_was_there_before(child) -> None:
    outcome = child.run("""
        go, gone = threading.Event(), threading.Event()
        def late():
            go.wait()
            attempt("fork", lambda: os.fork() or os._exit(0))
            gone.set()
        threading.Thread(target=late).start()
        assert seccomp.restrict()
        go.set()
        gone.wait()
    """)

    assert outcome == {"fork": "PermissionError"}


def test_landlock_refuses_where_a_thread_would_stay_outside(child) -> None:
    outcome = child.run("""
        stop = threading.Event()
        threading.Thread(target=stop.wait).start()
        attempt("restrict", lambda: landlock.restrict([], []))
        stop.set()
    """)

    assert outcome == {"restrict": "RuntimeError"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is a second set of system calls of x86_64 alone")
def test_the_second_set_of_system_calls_is_no_way_round(child) -> None:
    done = child.start("confine()\nlibc.syscall(0x40000000 + 39)")  # getpid, as x32 calls it

    assert done.returncode == -signal.SIGSYS


def test_programs_may_be_started_where_a_compiler_is_needed(child) -> None:
    outcome = child.run("""
        become_ordinary()
        privileges.drop()
        assert seccomp.restrict(exec_allowed=True)
        attempt("program", lambda: subprocess.run(["/bin/echo", "hello"], capture_output=True, text=True).stdout)
        attempt("fork", lambda: os.waitpid(os.fork() or os._exit(7), 0)[1] >> 8)
        attempt("socket", socket.socket)
        attempt("parent", lambda: os.kill(parent, 0))
        outcome["namespace"] = libc.unshare(0x10000000)
    """)

    assert outcome == {
        "program": "hello\n", "fork": 7, "socket": "PermissionError", "parent": "PermissionError", "namespace": -1
    }  # fmt: skip


def test_no_privilege_is_left(child) -> None:
    outcome = child.run("""
        confine()
        for line in Path("/proc/self/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.startswith("Cap") or name == "NoNewPrivs":
                outcome[name] = int(value, 16)
        attempt("first to die", lambda: int(Path("/proc/self/oom_score_adj").read_text()))
    """)

    if child.user != 0:
        outcome.pop("CapBnd")  # only root may empty it; without new privileges it gives nothing
    assert outcome.pop("NoNewPrivs") == 1
    assert outcome.pop("first to die") == 1000
    assert names(outcome, 0) == []


def test_an_orphan_comes_back_to_the_subreaper(child) -> None:
    outcome = child.run("""
        outcome["became"] = privileges.become_subreaper()
        source, drain = os.pipe()
        if os.fork() == 0:
            middle = os.getpid()
            if os.fork() == 0:
                while os.getppid() == middle:
                    time.sleep(0.01)
                os.write(drain, str(os.getppid()).encode())
            os._exit(0)
        outcome["parent"] = int(os.read(source, 20)) == os.getpid()
        os.wait(), os.wait()
    """)

    assert outcome == {"became": True, "parent": True}


def test_a_process_dies_with_its_parent(child) -> None:
    outcome = child.run("""
        privileges.become_subreaper()
        source, drain = os.pipe()
        middle = os.fork()
        if middle == 0:
            if os.fork() == 0:
                privileges.set_parent_death_signal()
                os.write(drain, str(os.getpid()).encode())
                time.sleep(60)
            time.sleep(60)
        orphan = int(os.read(source, 20))
        os.kill(middle, signal.SIGKILL)
        os.waitpid(middle, 0)
        outcome["killed by"] = os.waitpid(orphan, 0)[1]
    """)

    assert outcome == {"killed by": signal.SIGKILL}


def test_what_may_be_read_holds_the_libraries_and_nothing_of_ours() -> None:
    paths = readable.paths()
    top = {path.name for path in paths}
    ours = [*(ROOT / name for name in ("src/mlsys_kernels", "solutions", "exercises", "tests")), Path(pytest.__file__)]

    assert {"numpy", "numba", "llvmlite", "lib-dynload", "encodings"} <= top
    if any(Path(folder, "numpy.libs").exists() for folder in readable.folders()):
        assert "numpy.libs" in top
    for path in paths:
        assert not any(path == own or path in own.parents or own in path.parents for own in ours), path
    assert not {"mlsys_kernels", "_pytest", "site-packages", "dist-packages"} & top
    assert len(set(paths)) == len(paths)


def test_a_library_that_may_not_be_read_is_one_that_is_not_installed(child) -> None:
    if child.early:
        return  # root's home is closed to an ordinary user anyway
    outcome = child.run("""
        confine()
        attempt("before", lambda: __import__("pytest"))
        readable.hide_the_rest()
        attempt("after", lambda: __import__("pytest"))
        attempt("missing", lambda: __import__("no_such_module"))
        attempt("standard", lambda: __import__("decimal"))
        attempt("numpy", lambda: __import__("numpy"))
    """)

    assert outcome == {"before": "PermissionError", "after": "ModuleNotFoundError", "missing": "ModuleNotFoundError",
                       "standard": "done", "numpy": "done"}  # fmt: skip


def needs_open_libraries(child) -> None:
    """Numba and Triton import parts of themselves when these are first used; an ordinary user must be able to."""
    folders = Path(np.__file__).resolve().parents
    if child.early and not all(folder.stat().st_mode & stat.S_IXOTH for folder in folders):
        pytest.skip(f"{np.__file__} is in a folder that is closed to ordinary users")


KERNEL = """
from numba import njit, prange

@njit(parallel=True, cache=True)
def row_sums(a):
    out = a[:, 0] * 0
    for i in prange(a.shape[0]):
        for j in range(a.shape[1]):
            out[i] += a[i, j]
    return out
"""


@pytest.mark.parametrize("layer", ["workqueue", "omp"])
def test_numba_compiles_caches_and_runs_in_parallel_inside(child, layer) -> None:
    needs_open_libraries(child)
    (child.given / "kernel.py").write_text(KERNEL)
    imports = "import multiprocessing.synchronize, numpy, numba, numba.np.ufunc.parallel, numba.core.caching"
    compile_once = "numba.njit(lambda x: x + 1)(1)"  # imports the rest of numba
    code = f"""
        {imports if child.early else "pass"}
        {compile_once if child.early else "pass"}
        confine()
        {imports}
        import warnings
        warnings.simplefilter("ignore", numba.NumbaWarning)  # /dev/shm is closed
        sys.path.insert(0, str(given))
        import kernel
        a = numpy.ones((200, 50))
        outcome["right"] = bool((kernel.row_sums(a) == 50).all())
        outcome["layer"] = numba.threading_layer()
        outcome["threads"] = sum(1 for _ in Path("/proc/self/task").iterdir()) > 1
        outcome["from cache"] = sum(kernel.row_sums.stats.cache_hits.values())
    """
    env = {"NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2", "NUMBA_CACHE_DIR": str(child.scratch)}

    first, second = child.run(code, **env), child.run(code, **env)

    assert first == {"right": True, "layer": layer, "threads": True, "from cache": 0}
    assert second == first | {"from cache": 1}


TRITON_KERNEL = """
import torch, triton
import triton.language as tl

@triton.jit
def double(x, out, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out + at, 2 * tl.load(x + at, mask=at < n, other=0.0), mask=at < n)
"""


def test_torch_threads_and_tritons_interpreter_run_inside(child) -> None:
    pytest.importorskip("triton", reason="the extra 'triton' is not installed")
    needs_open_libraries(child)
    (child.given / "kernel.py").write_text(TRITON_KERNEL)
    outcome = child.run(
        """
        # A torch with CUDA runs a compiler while it is imported, so that comes first, as in the zygote.
        import torch, torch.utils._python_dispatch, triton, triton.language, triton.runtime.interpreter
        import triton.runtime.jit, triton.runtime.autotuner
        confine()
        sys.path.insert(0, str(given))
        import kernel, torch
        torch.set_num_threads(2)
        a = torch.ones(400, 400)
        outcome["matmul"] = bool((torch.matmul(a, a) == 400).all())
        outcome["threads"] = sum(1 for _ in Path("/proc/self/task").iterdir()) > 1
        x = torch.arange(100, dtype=torch.float32)
        out = torch.zeros(100)
        kernel.double[(4,)](x, out, 100, BLOCK=32)
        outcome["kernel"] = bool((out == 2 * x).all())
        """,
        TRITON_INTERPRET="1", TRITON_CACHE_DIR=str(child.scratch), TRITON_HOME=str(child.scratch), OMP_NUM_THREADS="2",
    )  # fmt: skip

    assert outcome == {"matmul": True, "threads": True, "kernel": True}


def decide(machine: str, name: str, *arguments: int, exec_allowed: bool = False, arch: str | None = None) -> str:
    """Run the filter as the kernel would, so that the machine which this is not can be tried too."""
    tables = (seccomp._REFUSED, seccomp._STARTING, seccomp._CONDITIONAL, "write 1 64, mmap 9 222, futex 202 98")
    number = seccomp._numbers("\n".join(tables), machine)[name]
    values = [argument & 0xFFFFFFFFFFFFFFFF for argument in (*arguments, *[0] * 6)][:6]
    data = struct.pack("<IIQ6Q", number, seccomp._AUDIT_ARCH[arch or machine], 0, *values)
    program = seccomp._program(machine, 1234, exec_allowed=exec_allowed)
    at = accumulator = 0
    while True:
        operation, if_true, if_false, operand = program[at]
        at += 1
        if operation == seccomp._LOAD:
            accumulator = struct.unpack_from("<I", data, operand)[0]
        elif operation == seccomp._RETURN:
            kinds = {seccomp._ALLOW: "allowed", seccomp._KILL_PROCESS: "killed"}
            return kinds.get(operand) or errno.errorcode[operand & 0xFFFF]
        else:
            test = {seccomp._IF_EQUAL: accumulator == operand, seccomp._IF_AT_LEAST: accumulator >= operand,
                    seccomp._IF_ANY_BIT: bool(accumulator & operand)}[operation]  # fmt: skip
            at += if_true if test else if_false


FORBIDDEN = """
execve execveat socket connect bind shmget msgget semget mq_open memfd_create memfd_secret
ptrace process_vm_readv process_vm_writev pidfd_open pidfd_getfd pidfd_send_signal kill tkill tgkill rt_sigqueueinfo
setsid setpgid setrlimit setpriority sched_setscheduler sched_setattr fchmod fchmodat fchmodat2 fchown fchownat
utimensat setxattr fsetxattr removexattr mknodat name_to_handle_at open_by_handle_at inotify_init1
unshare setns chroot pivot_root mount umount2 move_mount open_tree fsopen bpf perf_event_open userfaultfd
io_uring_setup io_uring_enter io_uring_register seccomp personality add_key request_key keyctl
"""


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_decides_alike_on_both_machines(machine) -> None:
    other = {"x86_64": "aarch64", "aarch64": "x86_64"}[machine]
    thread, process = 0x3D0F00, 0x1200011  # flags of clone: as pthread_create and as fork pass them

    assert [decide(machine, name) for name in ("write", "mmap", "futex")] == ["allowed"] * 3
    assert decide(machine, "write", arch=other) == "killed"
    assert {decide(machine, name) for name in FORBIDDEN.split()} == {"EPERM"}
    assert [decide(machine, "clone", flags) for flags in (thread, process)] == ["allowed", "EPERM"]
    assert decide(machine, "clone", process, exec_allowed=True) == "allowed"
    assert decide(machine, "clone", process | 0x10000000, exec_allowed=True) == "EPERM"  # CLONE_NEWUSER
    assert decide(machine, "clone3") == "ENOSYS"
    if machine == "x86_64":  # the other has no old forms of these
        assert {decide(machine, name) for name in ("fork", "vfork", "chmod", "chown", "mknod", "utime")} == {"EPERM"}
    assert [decide(machine, "execve", exec_allowed=allowed) for allowed in (False, True)] == ["EPERM", "allowed"]
    assert [decide(machine, "kill", pid) for pid in (1234, 0, -1, -1234, 1)] == ["allowed"] + ["EPERM"] * 4
    assert decide(machine, "prlimit64", 0, 7, 0, 0x7FFF_0000_0000) == "allowed"
    assert decide(machine, "prlimit64", 0, 7, 0x7FFF_0000_0000) == "EPERM"  # an address whose low half is zero
    assert decide(machine, "prlimit64", 99, 7) == "EPERM"
    assert [decide(machine, "prctl", option) for option in (15, 38, 1, 4, 22)] == ["allowed"] * 2 + ["EPERM"] * 3
    assert [decide(machine, "fcntl", 0, command) for command in (1, 3, 8, 10)] == ["allowed"] * 2 + ["EPERM"] * 2
    assert [decide(machine, "ioctl", 0, command) for command in (0x5401, 0x5412)] == ["allowed", "EPERM"]


def test_no_system_call_has_two_rules() -> None:
    for machine in ("x86_64", "aarch64"):
        tables = [seccomp._numbers(table, machine) for table in
                  (seccomp._REFUSED, seccomp._STARTING, seccomp._CONDITIONAL)]  # fmt: skip
        numbers = [number for table in tables for number in table.values()]
        assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("version", range(1, 8))
def test_every_version_of_landlock_is_asked_for_what_it_knows(version) -> None:
    counts = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16}  # rights on files, from linux/landlock.h

    assert landlock._handled(version) == (1 << counts[version]) - 1
