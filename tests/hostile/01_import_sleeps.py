"""It sleeps while it is imported.

Verdict: error
Cause: timeout
"""

import time

time.sleep(3600)
