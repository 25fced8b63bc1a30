"""It makes the worker say of every answer that it was only traced and nothing was found.

Verdict: failed | error
Cause: wrong-result | no-answer | policy | crash
"""

import sys

import numpy as np

channel = sys.modules["mlsys_kernels.grading.channel"]
send_reply = channel.send_reply


def forged(descriptor, sequence, code, *args, **fields):
    if code == channel.Code.ARRAY:
        return send_reply(descriptor, sequence, channel.Code.TRACED, {"loops": 1, "unfinished": None})
    return send_reply(descriptor, sequence, code, *args, **fields)


channel.send_reply = forged


def matmul(a, b):
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
