"""Two warps, half of a warp group.

Caught by: tensor_core
Diagnosis: falls back
"""


def configuration(chip):
    return {"BLOCK_M": 128, "BLOCK_N": 128, "BLOCK_K": 32, "num_stages": 3, "num_warps": 2}
