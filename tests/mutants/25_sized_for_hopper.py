"""Five stages, which the newer chips have room for, on the A100 as well.

Caught by: shared_memory
Diagnosis: fewer stages
"""


def configuration(chip):
    return {"BLOCK_M": 128, "BLOCK_N": 256, "BLOCK_K": 64, "num_stages": 5, "num_warps": 8}
