"""A tile of 64 x 128: too little work for each byte.

Caught by: enough_reuse
Diagnosis: both of its sides
"""


def configuration(chip):
    return {"BLOCK_M": 64, "BLOCK_N": 128, "BLOCK_K": 64, "num_stages": 4, "num_warps": 4}
