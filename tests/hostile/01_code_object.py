"""It builds the bytecode of the operator @ from that of another operator.

Verdict: failed
Cause: policy | load-error | crash
"""


def product(a, b):
    return a * b


code = product.__code__.co_code
multiply = code.index(bytes((122, 5)))  # BINARY_OP * in Python 3.11 and 3.12
product.__code__ = product.__code__.replace(co_code=code[: multiply + 1] + bytes((4,)) + code[multiply + 2 :])


def matmul(a, b):
    return product(a, b)
