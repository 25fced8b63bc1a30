"""It makes the worker announce an array for every answer, and returns nothing.

Verdict: failed | error
Cause: wrong-result | contract | no-answer | policy | crash
"""

import sys

channel = sys.modules["mlsys_kernels.grading.channel"]
send_reply = channel.send_reply


def forged(descriptor, sequence, code, *args, **fields):
    if code == channel.Code.VALUE:
        return send_reply(descriptor, sequence, channel.Code.ARRAY, dtype=11, shape=shape)
    return send_reply(descriptor, sequence, code, *args, **fields)


channel.send_reply = forged


def matmul(a, b):
    global shape
    shape = (a.shape[0], b.shape[1])
