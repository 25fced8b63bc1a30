"""It sleeps while it is imported.

Verdict: error
Cause: timeout
Seconds: 2
"""

import time

time.sleep(3600)
