"""Whoever looks at its signature never comes back.

Verdict: failed | error
Cause: timeout | contract | crash
"""


class Product:
    @property
    def __signature__(self):
        while True:
            pass

    def __call__(self, a, b):
        return (a[:, :, None] * b).sum(1)


matmul = Product()
