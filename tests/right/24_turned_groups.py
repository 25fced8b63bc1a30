"""Groups are group_m columns wide, not high: programs go right along a row of a group, then one row down.

Passes: 24
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
    per_group = group_m * tiles_m
    first = pid // per_group * group_m
    columns = min(tiles_n - first, group_m)
    inside = pid % per_group
    return inside // columns, first + inside % columns


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
    grid = (triton.cdiv(M, BLOCK_M) * triton.cdiv(N, BLOCK_N),)
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
