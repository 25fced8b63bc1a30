"""BLOCK_K is raised for more reuse, which only fills shared memory.

Caught by: shared_memory
Diagnosis: smaller BLOCK_K
"""


def configuration(chip):
    return {"BLOCK_M": 128, "BLOCK_N": 128, "BLOCK_K": 256, "num_stages": 3, "num_warps": 8}
