"""Products are remembered by shape and type, but the values may be others.

Caught by: numpy_square
Cause: aliasing
Diagnosis: same array as the call before
"""

import numpy as np
from numba import njit

try:
    import torch
except ImportError:
    torch = None
try:
    import triton
    import triton.language as tl
except ImportError:
    triton = None


def choose_backend(device, triton_available):
    """Return which kernel computes on this device, "triton" or "numba"."""
    return "triton" if triton_available and device.startswith("cuda") else "numba"


def tile_of(pid, tiles_m, tiles_n):
    """Return the tile (m, n) of C that program pid computes."""
    return pid // tiles_n, pid % tiles_n


PRODUCTS = {}


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N), as a new array or tensor like the operands."""
    device = str(a.device)
    if choose_backend(device, triton is not None) == "triton":
        return matmul_triton(a, b)
    if isinstance(a, np.ndarray):
        key = (a.shape, b.shape, a.dtype)
        if key not in PRODUCTS:
            PRODUCTS[key] = matmul_numba(a, b)
        return PRODUCTS[key]
    # float32 holds every float16 and bfloat16, so the only rounding is the one on the way back.
    c = matmul_numba(a.cpu().float().numpy(), b.cpu().float().numpy())
    return torch.from_numpy(c).to(device, a.dtype)


def tile_order(tiles_m, tiles_n):
    """Return the list of tiles, one per program."""
    return [tile_of(pid, tiles_m, tiles_n) for pid in range(tiles_m * tiles_n)]


BLOCK_M = 32
BLOCK_N = 32
BLOCK_K = 32

cpu_tile_of = njit(tile_of)


@njit
def cpu_kernel(a, b, c):
    """Add the product of a and b to c, tile by tile."""
    M, K = a.shape
    N = b.shape[1]
    tiles_m, tiles_n = (M + BLOCK_M - 1) // BLOCK_M, (N + BLOCK_N - 1) // BLOCK_N
    for pid in range(tiles_m * tiles_n):
        m, n = cpu_tile_of(pid, tiles_m, tiles_n)
        for i in range(m * BLOCK_M, min((m + 1) * BLOCK_M, M)):
            for k in range(K):
                for j in range(n * BLOCK_N, min((n + 1) * BLOCK_N, N)):
                    c[i, j] += a[i, k] * b[k, j]


def matmul_numba(a, b):
    """Return the product of two NumPy arrays of float32 or float64, computed by numba."""
    c = np.zeros((a.shape[0], b.shape[1]), dtype=a.dtype)
    cpu_kernel(a, b, c)
    return c


if triton is not None:
    gpu_tile_of = triton.jit(tile_of)

    @triton.jit
    def gpu_kernel(
        a, b, c, M, N, K, stride_am, stride_ak, stride_bk, stride_bn, stride_cm, stride_cn,
        BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr,
    ):  # fmt: skip
        """Compute one tile of C."""
        m, n = gpu_tile_of(tl.program_id(0), tl.cdiv(M, BLOCK_M), tl.cdiv(N, BLOCK_N))
        rows = m * BLOCK_M + tl.arange(0, BLOCK_M)
        columns = n * BLOCK_N + tl.arange(0, BLOCK_N)
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


def matmul_triton(a, b):
    """Return the product of two torch tensors, computed by Triton."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    grid = (triton.cdiv(M, BLOCK_M) * triton.cdiv(N, BLOCK_N),)
    sizes = {"BLOCK_M": BLOCK_M, "BLOCK_N": BLOCK_N, "BLOCK_K": BLOCK_K}
    gpu_kernel[grid](a, b, c, M, N, K, *a.stride(), *b.stride(), *c.stride(), **sizes)
    return c
