"""What cannot be stored as a Python file: name -> (how it is built, verdict, cause)."""

import os
from collections.abc import Callable
from pathlib import Path


def _bytes(data: bytes) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        path = folder / "01_naive.py"
        path.write_bytes(data)
        return path

    return build


def _link(folder: Path) -> Path:
    path = folder / "01_naive.py"
    path.symlink_to("/etc/passwd")
    return path


def _link_to_itself(folder: Path) -> Path:
    path = folder / "01_naive.py"
    path.symlink_to(path)
    return path


def _pipe(folder: Path) -> Path:
    path = folder / "01_naive.py"
    os.mkfifo(path)
    return path


def _folder(folder: Path) -> Path:
    path = folder / "01_naive.py"
    path.mkdir()
    return path


BUILT: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "a null byte": (_bytes(b"x = 1\0\n"), "failed", "load-error"),
    "latin-1 without a cookie": (_bytes(b"x = '\xe9'\n"), "failed", "load-error"),
    "UTF-16": (_bytes("def matmul(a, b): pass\n".encode("utf-16")), "failed", "load-error"),
    "an unknown encoding": (_bytes(b"# coding: klingon\nx = 1\n"), "failed", "load-error"),
    "a syntax error": (_bytes(b"def matmul(a, b)\n    return a\n"), "failed", "load-error"),
    "an expression 5,000 deep": (_bytes(b"x = " + b"(" * 5000 + b"1" + b")" * 5000 + b"\n"), "failed", "load-error"),
    "unary minus 100,000 deep": (_bytes(b"x = " + b"-" * 100_000 + b"1\n"), "failed", "load-error"),
    "two megabytes": (_bytes(b"#" * (2 << 20)), "failed", "load-error"),
    "nothing": (_bytes(b""), "failed", "contract"),
    "binary noise": (_bytes(bytes(range(256)) * 16), "failed", "load-error"),
    "a link": (_link, "failed", "load-error"),
    "a link to itself": (_link_to_itself, "failed", "load-error"),
    "a pipe": (_pipe, "failed", "load-error"),
    "a folder": (_folder, "failed", "load-error"),
}
