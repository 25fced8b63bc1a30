"""matmul is a number.

Verdict: failed
Cause: contract
"""

matmul = 3
