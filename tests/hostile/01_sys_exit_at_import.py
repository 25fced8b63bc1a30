"""Calls sys.exit(0) while it is imported.

Verdict: failed
Cause: crash
"""

import sys


sys.exit(0)
