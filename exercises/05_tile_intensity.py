"""05 tile intensity: why kernels compute tiles, and how large a tile can help.

One program computes a BM x BN tile of C. At every step of K it loads a BM x BK block of A and a BK x BN block of B,
and adds their product to an accumulator that stays on the chip, in float32 (4 bytes), until the tile is done.

                          BN
                     B   +---+
                         |   |  BK              one step:  2 * BM * BN * BK  operations
                         +---+                             BM * BK + BK * BN  elements loaded
             BK
        A  +----+        +---+  C
      BM   |    |     BM |   |
           +----+        +---+

Every element of the block of A is used BN times once it is there, every element of the block of B BM times. A tile of
1 x 1 uses each of them once: that is 01_naive without a cache.

Write      tile_intensity(bm, bn, bk, itemsize): FLOP per loaded byte in one step; an operand's element has `itemsize`
           bytes
           traffic(m, n, k, bm, bn, itemsize): bytes that all programs together load and store for a whole product.
           Each loads what its own tile needs and shares nothing; the last tiles are cut off at the edges of C; every
           element of C is stored once, in `itemsize` bytes
           best_intensity(accumulator_bytes, itemsize): the largest tile_intensity of all tiles whose accumulator fits
           into accumulator_bytes; BM and BN are powers of two from 16 to 4096
Goal       every case passes
Size       roughly 10 lines
Grade      pytest exercises/05_tile_intensity.py

One SM of a GPU, which runs a program, has 65,536 registers of 4 bytes (NVIDIA, CUDA C++ Programming Guide,
https://docs.nvidia.com/cuda/cuda-c-programming-guide/). An H100 can do 295 FLOP in the time in which its memory
delivers one byte: 989.5 TFLOP/s in dense bfloat16, 3.35 TB/s (https://www.nvidia.com/en-us/data-center/h100/).

If its accumulator may fill all those registers, how far is the best bfloat16 tile from 295? Who supplies the rest?
"""

from math import ceil


def tile_intensity(bm, bn, bk, itemsize):
    """FLOP per loaded byte of one step of K."""
    # gap: roughly 2 lines
    raise NotImplementedError("05_tile_intensity: divide the operations of a step by its bytes")
    # end of gap


def traffic(m, n, k, bm, bn, itemsize):
    """Bytes loaded and stored by all programs of a product."""
    # gap: roughly 4 lines
    raise NotImplementedError("05_tile_intensity: add up what all programs load and store")
    # end of gap


def best_intensity(accumulator_bytes, itemsize):
    """The largest intensity of a tile whose float32 accumulator fits."""
    # gap: roughly 4 lines
    raise NotImplementedError("05_tile_intensity: try every tile that fits")
    # end of gap
