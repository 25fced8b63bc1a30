"""It hides the operator @ in a condition that only looks like the main guard.

Verdict: failed
Cause: policy
"""

if __name__ != "__main__":

    def matmul(a, b):
        return a @ b
