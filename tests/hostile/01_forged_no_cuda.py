"""It makes the worker say, whenever the file is loaded, that there is no CUDA device.

Verdict: failed | error
Cause: no-answer | wrong-result | load-error | policy | crash
"""

import sys

import numpy as np

channel = sys.modules["mlsys_kernels.grading.channel"]
send_reply = channel.send_reply


def forged(descriptor, sequence, code, *args, **fields):
    return send_reply(descriptor, sequence, channel.Code.NO_CUDA, ["no device"])


channel.send_reply = forged


def matmul(a, b):
    return np.zeros((a.shape[0], b.shape[1]), a.dtype)
