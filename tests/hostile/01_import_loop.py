"""It never ends while it is imported.

Verdict: error
Cause: timeout
"""

while True:
    pass
