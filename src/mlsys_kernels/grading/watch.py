"""Notice what a submission may not do while it runs, so that the verdict can name it.

The audit hook sees library calls that no kernel needs (starting programs, opening connections, walking other code's
frames). It is there for the name, not for the wall: what must not work is closed by `isolation.py`. What was refused
once stays on record, whatever the file catches.
"""

import sys
from types import FrameType
from typing import Any

_ANYWHERE = {
    "os.fork": "starts a process (os.fork)",
    "os.forkpty": "starts a process (os.forkpty)",
    "os.exec": "starts a program (os.exec)",
    "os.posix_spawn": "starts a program (os.posix_spawn)",
    "os.spawn": "starts a program (os.spawn)",
    "os.system": "starts a program (os.system)",
    "subprocess.Popen": "starts a program (subprocess)",
    "pty.spawn": "starts a program (pty)",
    "socket.connect": "opens a connection",
    "socket.bind": "opens a port",
    "socket.sendto": "sends over the network",
}
"""Events that are refused when a line of the submission is anywhere in the stack."""
_DIRECTLY = {
    "socket.__new__": "opens a socket",
    "sys._getframe": "looks into other code's frames (sys._getframe)",
    "sys._current_frames": "looks into other code's frames",
    "sys.settrace": "traces other code (sys.settrace)",
    "sys.setprofile": "traces other code (sys.setprofile)",
    "gc.get_objects": "searches the memory of the process (gc)",
    "gc.get_referrers": "searches the memory of the process (gc)",
    "ctypes.dlopen": "loads a library (ctypes)",
    "ctypes.dlsym": "calls into a library (ctypes)",
    "ctypes.string_at": "reads raw memory (ctypes)",
    "sys.addaudithook": "installs an audit hook",
}
"""Events that are refused when the calling line itself is the submission's, or ctypes was called from it."""

_refused: list[dict[str, Any]] = []


class RefusedError(PermissionError):
    """Raised into the submission when it does what it may not."""


def first() -> dict[str, Any] | None:
    """The first thing that was refused: {"what", "line"}; None if nothing was."""
    return _refused[0] if _refused else None


def refuse(what: str, line: int | None = None) -> None:
    """Record and raise.

    Raises:
        RefusedError: always.
    """
    _refused.append({"what": what[:200], "line": line})
    raise RefusedError(what)


def install(path: str) -> None:
    """Watch the submission at `path` from now on; there is no way to take this back."""
    # Everything is bound here: a submission that replaces sys or this module's names changes nothing for the hook.
    anywhere, directly = dict(_ANYWHERE), dict(_DIRECTLY)

    def hook(event: str, _args: Any) -> None:
        if event in directly:
            frame = _caller()
            while frame is not None and "/ctypes" in frame.f_code.co_filename:
                frame = frame.f_back
            if frame is not None and frame.f_code.co_filename == path:
                refuse(directly[event], frame.f_lineno)
        elif event in anywhere:
            frame = _caller()
            while frame is not None and frame.f_code.co_filename != path:
                frame = frame.f_back
            if frame is not None:
                refuse(anywhere[event], frame.f_lineno)

    getframe = sys._getframe
    mine = {hook.__code__}
    busy = False

    def _caller() -> FrameType | None:
        nonlocal busy
        if busy:  # sys._getframe is audited itself
            return None
        busy = True
        try:
            frame: FrameType | None = getframe(0)
        finally:
            busy = False
        while frame is not None and (frame.f_code in mine or frame.f_code is _caller.__code__):
            frame = frame.f_back
        return frame

    sys.addaudithook(hook)
