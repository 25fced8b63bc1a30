"""Judge a large product without computing it: C x = A (B x) for random x, which costs N^2 where the product costs N^3.

R. Freivalds, "Probabilistic machines can use less running time", IFIP Congress 1977. The matrices here hold integers of
few bits (times a power of two) and so do the vectors, so that both sides are exact in float64 and are compared with
`==`. A row of C that is wrong passes one vector of integers from -2^15 to 2^15 with a chance of at most 1 in 65,537; it
passes all `VECTORS` with less than 1 in 10^19. The vectors are drawn after the answer is frozen.
"""

import numpy as np
from numpy.typing import NDArray

VECTORS = 4
_LARGEST = 1 << 15

Float64 = NDArray[np.float64]


def wrong_rows(a: Float64, b: Float64, c: Float64, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which rows of `c` (M, N) cannot be those of `a` (M, K) times `b` (K, N); NaN and infinity are wrong.

    Raises:
        ValueError: the values are too large for the test to be exact.
    """
    step = 2.0 ** (_power(a) + _power(b))
    largest = np.abs(a).max(initial=0.0) * np.abs(b).max(initial=0.0) * a.shape[1] * b.shape[1] * _LARGEST
    if largest >= 2.0**53 * step:
        raise ValueError(f"{a.shape} times {b.shape}: these values are too large for an exact test")
    x = rng.integers(-_LARGEST, _LARGEST + 1, (b.shape[1], VECTORS)).astype(np.float64)
    with np.errstate(all="ignore"):
        # Every right element is a multiple of `step`; smaller errors would be lost in the large sums of C x.
        off = (np.rint(c / step) * step != c).any(axis=1)
        return np.asarray(off | ~(c @ x == a @ (b @ x)).all(axis=1))


def _power(x: Float64) -> int:
    """The exponent, at most 0 and at least -64, of a power of two that divides every value."""
    exponent = 0
    while exponent > -64 and (np.rint(x * 2.0**-exponent) != x * 2.0**-exponent).any():
        exponent -= 1
    return exponent
