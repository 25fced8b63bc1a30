"""Returns an object whose pickle runs code in whoever loads it.

Verdict: failed
Cause: contract
"""

import numpy as np


class Bomb:
    def __reduce__(self):
        return (print, ("unpickled",))


def matmul(a, b):
    return Bomb()
