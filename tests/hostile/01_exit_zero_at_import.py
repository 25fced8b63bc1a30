"""Leaves with status 0 while it is imported.

Verdict: error
Cause: crash
"""

import os


os._exit(0)
