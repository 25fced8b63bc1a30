"""It returns an object whose type is named after a secret.

Verdict: failed
Cause: crash | policy
Canary: yes
"""

from pathlib import Path


def matmul(a, b):
    return type(Path("CANARY_FOLDER/secret.txt").read_text(), (), {})()
