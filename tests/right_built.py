"""Right solutions whose point is their bytes: encodings, line ends, tabs, size; name -> (exercises, the file).

Beside them, `right/` holds those that an editor and a formatter may touch.
"""

LOOPS = '''
import numpy as np
from numba import njit


@njit
def multiply(a, b, c):
    """Fill c with the product of a and b."""
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new array."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    multiply(a, b, c)
    return c
'''

COMPARE = """
    x, y = np.ones((3, 4)), np.eye(4)
    print(np.abs(matmul(x, y) - x @ y).max(), np.dot(x, y))
"""

TRITON = '''
import torch
import triton
import triton.language as tl

BLOCK_M = 32
BLOCK_N = 32
BLOCK_K = 32


@triton.jit
def kernel(
    a, b, c, M, N, K, stride_am, stride_ak, stride_bk, stride_bn, stride_cm, stride_cn,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr,
):
    """Compute tile (i, j) of C – größer als nötig, naïve, 行列."""
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)  # Zeilen: größer als 0
    columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for start in range(0, K, BLOCK_K):
        ks = start + tl.arange(0, BLOCK_K)
        a_tile = a + rows[:, None] * stride_am + ks[None, :] * stride_ak
        b_tile = b + ks[:, None] * stride_bk + columns[None, :] * stride_bn
        x = tl.load(a_tile, mask=(rows[:, None] < M) & (ks[None, :] < K), other=0.0)
        y = tl.load(b_tile, mask=(ks[:, None] < K) & (columns[None, :] < N), other=0.0)
        acc = tl.dot(x, y, acc, input_precision="ieee")
    c_tile = c + rows[:, None] * stride_cm + columns[None, :] * stride_cn
    tl.store(c_tile, acc, mask=(rows[:, None] < M) & (columns[None, :] < N))


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    grid = (triton.cdiv(M, BLOCK_M), triton.cdiv(N, BLOCK_N))
    sizes = {"BLOCK_M": BLOCK_M, "BLOCK_N": BLOCK_N, "BLOCK_K": BLOCK_K}
    kernel[grid](a, b, c, M, N, K, *a.stride(), *b.stride(), *c.stride(), **sizes)
    return c
'''


def indented_with_tabs(text: str) -> str:
    """Every four spaces of an indent become a tab."""
    lines = []
    for line in text.split("\n"):
        body = line.lstrip(" ")
        lines.append("\t" * ((len(line) - len(body)) // 4) + body)
    return "\n".join(lines)


NAMES = """
import numpy as np
from numba import njit


@njit
def multipliziere(größe, höhe, résultat):
    # größer, naïve, 行列: a @ b
    for 行 in range(größe.shape[0]):
        for 和 in range(größe.shape[1]):
            for 列 in range(höhe.shape[1]):
                résultat[行, 列] += größe[行, 和] * höhe[和, 列]


def matmul(matrix_ä, matrix_ß):
    ω = np.zeros((matrix_ä.shape[0], matrix_ß.shape[1]), matrix_ä.dtype)
    multipliziere(matrix_ä, matrix_ß, ω)
    return ω
"""

ROWS = """
import numpy as np

def matmul(a, b):
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for p in range(a.shape[1]):
        c += a[:, p : p + 1] * b[p]
    return c
"""

STAR = """
from numpy import *
from numba import *

@njit
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for p in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, p] * b[p, j]

def matmul(a, b):
    c = zeros((a.shape[0], b.shape[1]), a.dtype)
    multiply(a, b, c)
    return c
"""

DENSE = r"""#!/usr/bin/env python3
import numpy as np; from numba import njit; zeros = lambda a, b: np.zeros((len(a), b.shape[1]), a.dtype)
@njit
def f(a, b, c):
  for i in range(a.shape[0]):
   for p in range(a.shape[1]):
      for j in range(b.shape[1]): c[i, j] \
         += a[i, p] \
          * b[p, j]
  return c
matmul = (lambda a, b:
  f(a, b, zeros(a, b))); WORDS = ["""

BUILT: dict[str, tuple[tuple[str, ...], bytes]] = {
    "01_bom_crlf_names": (
        ("01_naive",),
        ("\ufeff" + NAMES + '\nif __name__ == "__main__":' + COMPARE.replace("matmul(x, y) - ", ""))
        .replace("\n", "\r\n")
        .encode(),
    ),
    "01_tabs_and_form_feeds": (
        ("01_naive", "04_loop_order"),
        indented_with_tabs(LOOPS).replace("\n\n\n", "\n\f\n").encode(),
    ),
    "01_latin_1": (
        ("01_naive",),
        ("# -*- coding: latin-1 -*-" + LOOPS.replace("c with", "größer: c with")).encode("latin-1"),
    ),
    "01_carriage_returns": (("01_naive",), ROWS.replace("\n", "\r").encode()),
    "01_mixed_line_ends": (
        ("01_naive",),
        b"".join(
            line.encode() + end
            for line, end in zip(LOOPS.split("\n"), [b"\n", b"\r\n", b"  \r\n"] * LOOPS.count("\n"), strict=False)
        ),
    ),
    "01_huge_comment": (
        ("01_naive", "04_loop_order"),
        ("# np.dot(a, b) and a @ b are not used here; nor is np.einsum\n" * 8_000 + LOOPS).encode(),
    ),
    "01_fullwidth_letters": (  # Python reads identifiers in their NFKC form: this is `matmul`
        ("01_naive",),
        ROWS.replace("matmul", "".join(chr(ord(letter) - ord("a") + 0xFF41) for letter in "matmul")).encode(),
    ),
    "01_dense": (("01_naive",), (DENSE + ", ".join(["'a @ b'"] * 400) + "]").encode()),
    "01_star_imports": (("01_naive",), STAR.encode()),
    "01_main_guard": (("01_naive",), (LOOPS + '\nif __name__ == "__main__":' + COMPARE).encode()),
    "01_main_guard_reversed": (("01_naive",), (LOOPS + '\nif "__main__" == __name__:' + COMPARE).encode()),
    "01_main_guard_and": (
        ("01_naive",),
        (LOOPS + '\nimport sys\n\nif __name__ == "__main__" and len(sys.argv) < 9:' + COMPARE).encode(),
    ),
    "22_crlf_tabs_names": (
        ("22_masks_and_strides",),
        ("\ufeff" + indented_with_tabs(TRITON)).replace("\n", "\r\n").encode(),
    ),
}
