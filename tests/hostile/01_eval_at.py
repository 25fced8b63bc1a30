"""It evaluates a string that is decoded only when it runs.

Verdict: failed
Cause: policy
"""

import codecs


def matmul(a, b):
    return eval(codecs.decode("612040 2062".replace(" ", ""), "hex"))
