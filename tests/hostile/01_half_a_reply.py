"""It sends the header of a reply that promises more text than ever comes.

Verdict: failed | error
Cause: timeout | no-answer | policy | crash
"""

import os
import sys
import time

channel = sys.modules["mlsys_kernels.grading.channel"]
send_reply = channel.send_reply


def forged(descriptor, sequence, code, *args, **fields):
    sizes = (channel.TEXT_LIMIT, 0, 0, 0, 0, 0, 0)
    os.write(descriptor, channel.HEADER.pack(channel.MAGIC, sequence, 5, 0, 11, 0, 0, -1, *sizes))
    time.sleep(1000)


def matmul(a, b):
    channel.send_reply = forged
    return a
