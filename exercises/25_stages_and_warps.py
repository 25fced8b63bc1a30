"""25 stages and warps: how a tile is fed, on three GPUs.

While the tensor cores multiply one block of A and B, the blocks of the next steps of K are already on their way.
num_stages says how many steps are in flight. Three of them, where a load takes twice as long as a product:

    time          0       1       2       3       4       5
    stage 0    load 0  load 0   mma 0  load 3  load 3   mma 3      from time 2 on, some stage multiplies at any time;
    stage 1            load 1  load 1   mma 1  load 4  load 4      one stage alone would multiply a third of the time
    stage 2                    load 2  load 2   mma 2  load 5

- Shared memory: each stage in flight holds a block of A and a block of B, 2 bytes an element (float16, bfloat16). On
  sm_80 that is one stage fewer than num_stages; sm_100 takes 16 bytes more for its barriers.
- The float32 sums of the tile are spread over 32 * num_warps threads. On sm_80 and sm_90 they live in registers, which
  operands and addresses need as well: allow 128 sums for a thread, and half of registers_per_sm for the whole tile.
  What does not fit spills: it goes out to memory and back. sm_100 has a memory for them, tensor_memory_bytes; only in
  the end they pass through registers, at most 256 for a thread.
- Each generation has its own tensor-core instruction: wgmma on sm_90 is issued by warps in groups of 4; tcgen05 on
  sm_100 is used with 4 or 8 warps. Otherwise the compiler falls back to that of sm_80.

Write      configuration(chip): a dict with BLOCK_M, BLOCK_N, BLOCK_K, num_stages and num_warps. `chip` is a dict:
           name, arch ("sm_80", "sm_90" or "sm_100"), shared_bytes (what one program may have), registers_per_thread,
           registers_per_sm, tensor_memory_bytes
Goal       for an A100, an H100 and a B200: 64 FLOP per byte or more (05_tile_intensity), 3 stages or more, within
           shared memory, no spill, the chip's own tensor-core instruction. All but num_stages are powers of two, and
           no block is smaller than 16, the least K of tl.dot. Whatever keeps these rules is right
Size       roughly 8 lines
Grade      pytest exercises/25_stages_and_warps.py      (arithmetic: nothing is compiled, no GPU is needed)

Limits: NVIDIA, CUDA C++ Programming Guide, https://docs.nvidia.com/cuda/cuda-c-programming-guide/. The other rules are
what Triton 3.7.1 does; the compiler's own figures are listed in mlsys_kernels/course/problems/stages.py.

Which of the rules keeps an H100 from the 256 x 256 tile that a B200 can take?
"""


def configuration(chip):
    """Block sizes, stages and warps for one GPU."""
    # gap: roughly 8 lines
    raise NotImplementedError("25_stages_and_warps: choose the five sizes from the chip's limits")
    # end of gap
