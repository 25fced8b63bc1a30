"""Work at module level that never ends.

Verdict: error
Cause: timeout
Seconds: 2
"""

while True:
    pass
