"""A block of 8 along K, below the minimum of tl.dot.

Caught by: well_formed
Diagnosis: below 16
"""


def configuration(chip):
    return {"BLOCK_M": 128, "BLOCK_N": 128, "BLOCK_K": 8, "num_stages": 4, "num_warps": 8}
