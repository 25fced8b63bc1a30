"""A tile of 128 x 256 with 4 warps: 256 sums in every thread.

Caught by: registers
Diagnosis: over more warps
"""


def configuration(chip):
    return {"BLOCK_M": 128, "BLOCK_N": 256, "BLOCK_K": 32, "num_stages": 3, "num_warps": 4}
