"""The tile that divides 192 rows evenly, not a power of two.

Caught by: well_formed
Diagnosis: powers of two
"""


def configuration(chip):
    return {"BLOCK_M": 192, "BLOCK_N": 128, "BLOCK_K": 64, "num_stages": 3, "num_warps": 8}
