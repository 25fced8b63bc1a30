"""The process that workers are forked from: libraries imported, environment clean, no test data in it.

Started by `sandbox.Zygote` as `python -I` with an environment built from a list. It never runs a line of a submission
itself. Importing numba takes most of a second, torch several; a fork takes milliseconds. The judge sends one JSON
message at a time over a socket:

    {"fork": setup} + descriptors of requests, replies, output, pages   -> {"pid"}
    {"reap": pid}                                                      -> {"status"}: it and its children are ended
    {"probe": path}                                                    -> {"could not": {...}}
"""

import contextlib
import json
import os
import signal
import socket
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any, NoReturn

from mlsys_kernels.grading import isolation, landlock, privileges, readable, scratch, worker

MESSAGE_LIMIT = 1 << 16
DESCRIPTORS = 4


def main() -> NoReturn:
    """Serve the judge until it is gone; then end every worker that is left."""
    line = socket.socket(fileno=int(sys.argv[1]))
    kind = sys.argv[2]
    privileges.become_subreaper()
    warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads at fork; there are none yet
    notes = worker.preload(kind)
    paths = readable.paths()
    if kind in worker.NUMBA_KINDS:  # an exercise about NumPy and numba has no use for other libraries that multiply
        paths = tuple(path for path in paths if not path.name.startswith(("torch", "triton", "functorch")))
    landlock.abi()
    line.sendall(json.dumps({"ready": kind, "notes": notes}).encode())
    workers: dict[int, str] = {}
    while True:
        data, descriptors, _, _ = socket.recv_fds(line, MESSAGE_LIMIT, DESCRIPTORS)
        if not data:
            break
        message = json.loads(data)
        if "fork" in message:
            answer: dict[str, Any] = {"pid": _fork(line, message["fork"], descriptors, paths, kind)}
            workers[answer["pid"]] = message["fork"]["scratch"]
        elif "reap" in message:
            answer = {"status": _reap(message["reap"])}
            workers.pop(message["reap"], None)
            _end_strays(set(workers))
        else:
            answer = {"could not": _probe(line, Path(message["probe"]), paths, native=kind == "native")}
        line.sendall(json.dumps(answer).encode())
    for pid, folder in workers.items():  # the judge is gone, and can take nothing away itself
        _reap(pid)
        scratch.remove(Path(folder))
    _end_strays(set())
    os._exit(0)


def _fork(
    line: socket.socket, setup: dict[str, Any], descriptors: list[int], paths: tuple[Path, ...], kind: str
) -> int:
    pid = os.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    try:
        line.close()
        worker.serve(worker.Setup(**setup, kind=kind), descriptors, paths)
    except BaseException:
        traceback.print_exc()  # into the worker's output, which the judge shows
    finally:
        os._exit(worker.STOPPED)


def _reap(pid: int) -> int:
    """End a worker and its session, and say how it ended, as waitpid does."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            end(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return status


def _end_strays(workers: set[int]) -> None:
    """End what a submission has left behind: processes that were handed to this one when their parent died."""
    for _ in range(100):
        strays = [pid for pid in _children() if pid not in workers]
        if not strays:
            return
        for pid in strays:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _children() -> list[int]:
    found = []
    with contextlib.suppress(OSError):
        for task in Path("/proc/self/task").iterdir():
            found += (task / "children").read_text().split()
    return [int(pid) for pid in found]


def _probe(line: socket.socket, outside: Path, paths: tuple[Path, ...], *, native: bool) -> dict[str, bool]:
    source, drain = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            line.close()
            isolation.confine(paths, (), native=native)
            os.write(drain, json.dumps(isolation.probe(outside)).encode())
        finally:
            os._exit(0)
    os.close(drain)
    with os.fdopen(source, "rb") as answers:
        data = answers.read()
    _reap(pid)
    return json.loads(data) if data else {"files": False, "processes": False, "network": False}


if __name__ == "__main__":
    main()
