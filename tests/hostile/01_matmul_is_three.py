"""Its matmul is the number 3.

Verdict: failed
Cause: contract
"""

matmul = 3
