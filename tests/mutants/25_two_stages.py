"""Two stages: one load behind one product.

Caught by: enough_stages
Diagnosis: fewer stages
"""


def configuration(chip):
    return {"BLOCK_M": 128, "BLOCK_N": 128, "BLOCK_K": 64, "num_stages": 2, "num_warps": 8}
