"""24 grouped order: which program takes which tile.

The grid has one axis now: program pid takes tile (m, n) = tile_of(pid, ...). Any order gives the same C, as long as
every tile is taken once. But programs start in the order of pid, and as many as the GPU has room for, a *wave*, run
side by side. Program (m, n) needs row m of A's tiles and column n of B's. What a wave shares is loaded once, then
comes out of the L2 cache.

    C is 9 x 9 tiles, K is 9 tiles long; where are programs 0 to 8, and what do they load?

      row by row     0 1 2 3 4 5 6 7 8          1 row of A, 9 columns of B:  (1 + 9) * 9 = 90 tiles
                     . . . . . . . . .
      in a block     0 3 6 . . . . . .          3 rows of A, 3 columns of B: (3 + 3) * 9 = 54 tiles
                     1 4 7 . . . . . .
                     2 5 8 . . . . . .

(The picture, and 220 -> 245 TFLOP/s on an A100: Triton's tutorial, Matrix Multiplication,
https://triton-lang.org/main/getting-started/tutorials/03-matrix-multiplication.html)

So the rows of tiles are cut into groups of group_m. Programs go down the rows of a group, then one column to the
right, down again, to the end of the group; then the next group. The last group has what rows are left.

Write      tile_of(pid, tiles_m, tiles_n, group_m): return m, n as two integers
           plain integer arithmetic and min(): Python, Triton (as below) and numba all run the same function
           and in matmul the grid: one axis, one program per tile
Goal       every tile is taken once in every grid; few tiles are loaded per wave; every matmul case passes
Counted    different tiles that a wave of 9 programs loads in the kernel: at most 7.5, where 6 are possible
Size       roughly 6 lines
Grade      pytest exercises/24_grouped_order.py

Run python exercises/24_grouped_order.py: which group_m loads least in waves of 9, which in waves of 36, and why?
"""

import torch
import triton
import triton.language as tl

BLOCK_M = 32
BLOCK_N = 32
BLOCK_K = 32
GROUP_M = 4


def tile_of(pid, tiles_m, tiles_n, group_m):
    """Return the tile (m, n) of program pid, in groups of group_m rows of tiles."""
    # gap: roughly 5 lines
    per_group = group_m * tiles_n
    first = pid // per_group * group_m
    rows = min(tiles_m - first, group_m)  # the last group may have fewer; then its columns are shorter too
    inside = pid % per_group
    return first + inside % rows, inside // rows
    # end of gap


def tile_order(tiles_m, tiles_n, group_m):
    """Return the list of tiles, one per program."""
    return [tile_of(pid, tiles_m, tiles_n, group_m) for pid in range(tiles_m * tiles_n)]


device_tile_of = triton.jit(tile_of)


@triton.jit
def kernel(
    a, b, c, M, N, K, stride_am, stride_ak, stride_bk, stride_bn, stride_cm, stride_cn,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr, GROUP_M: tl.constexpr,
):  # fmt: skip
    """Compute the tile of C that tile_of gives to this program."""
    m, n = device_tile_of(tl.program_id(0), tl.cdiv(M, BLOCK_M), tl.cdiv(N, BLOCK_N), GROUP_M)
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


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    # gap: roughly 1 line
    grid = (triton.cdiv(M, BLOCK_M) * triton.cdiv(N, BLOCK_N),)
    # end of gap
    sizes = {"BLOCK_M": BLOCK_M, "BLOCK_N": BLOCK_N, "BLOCK_K": BLOCK_K, "GROUP_M": GROUP_M}
    kernel[grid](a, b, c, M, N, K, *a.stride(), *b.stride(), *c.stride(), **sizes)
    return c


def tiles_loaded(order, wave, tiles_k):
    """Return the tiles of A and B that a wave of programs loads, on average over all waves."""
    waves = [order[start : start + wave] for start in range(0, len(order), wave)]
    spans = [len({m for m, _ in tiles}) + len({n for _, n in tiles}) for tiles in waves]
    return tiles_k * sum(spans) / len(waves)


if __name__ == "__main__":
    print("tiles loaded per wave, 36 x 36 tiles, 36 along K")
    for group_m in (1, 2, 3, 4, 6, 9, 12, 18, 36):
        order = tile_order(36, 36, group_m)
        print(f"group_m {group_m:2}", *(f"waves of {wave}: {tiles_loaded(order, wave, 36):6.0f}" for wave in (9, 36)))
