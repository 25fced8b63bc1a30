"""20 program ids: one program per block of a row.

A GPU kernel is the body of a loop without the loop. You write what one *program* does and launch a grid of programs;
tl.program_id(0) and tl.program_id(1) tell a program where in the grid it stands. All of them may run at once and in
any order, so none may need the result of another.

A Triton program works on blocks: tl.arange(0, 4) is the vector 0 1 2 3. `b` is the address of B's first element,
b + x that of element x, b + a vector a vector of addresses: tl.load gets them all, tl.store fills them all. Memory is
flat: element (k, j) of B, whose rows have N elements, is number k * N + j.

                       B  (K x N)
                       . . . . | # # # # | . . . .      Program (i, j) owns BLOCK_N elements of row i of C.
                       . . . . | # # # # | . . . .      At every step k it loads one element of A and BLOCK_N of B,
    A  (M x K)         . . . . | # # # # | . . . .      and adds their products to a vector of BLOCK_N sums.
    # # #  row i  ->   . . . . | # # # # | . . . .
                                 block j of row i of C

Write      kernel: what program (i, j) does; and in matmul the grid and the launch: kernel[(rows, columns)](arguments)
           a is (M, K), b is (K, N); row-major, without gaps; N is a multiple of BLOCK_N, M or K may be 0
           float32, float16 or bfloat16; the sum is float32: x.to(tl.float32)
Goal       every case passes; no torch.matmul: the sum is yours
Counted    a program for each row at least, and one store for each element
Size       roughly 8 lines
Grade      pytest exercises/20_program_ids.py     (without a GPU, Triton's interpreter runs the programs one by one)

Count what one program does: how many FLOP per byte loaded is that in float32? Does a larger BLOCK_N change it much?
"""

import torch
import triton
import triton.language as tl

BLOCK_N = 32


@triton.jit
def kernel(a, b, c, N, K, BLOCK_N: tl.constexpr):
    """Compute block j of row i of C, as program (i, j)."""
    # gap: roughly 7 lines
    row = tl.program_id(0)
    columns = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    total = tl.zeros((BLOCK_N,), dtype=tl.float32)
    for k in range(K):
        x = tl.load(a + row * K + k).to(tl.float32)  # one element: the same factor for the whole block
        total += x * tl.load(b + k * N + columns).to(tl.float32)
    tl.store(c + row * N + columns, total)  # rounded to the type of C here, once
    # end of gap


def matmul(a, b):
    """Return the product of a (M, K) and b (K, N) as a new tensor."""
    M, K = a.shape
    N = b.shape[1]
    c = torch.empty((M, N), dtype=a.dtype, device=a.device)
    # gap: roughly 1 line
    kernel[(M, N // BLOCK_N)](a, b, c, N, K, BLOCK_N=BLOCK_N)
    # end of gap
    return c
