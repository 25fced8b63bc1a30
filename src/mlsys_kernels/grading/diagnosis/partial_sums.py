"""Which terms of the sum over K are missing, or counted twice: weights w, with C the sum of w[k] a[:, k] b[k].

Every family of weights is first tried on a few wrong elements. What survives is worked out in full and has to give
every wrong element.
"""

from collections.abc import Iterator

import numpy as np

from mlsys_kernels.grading.diagnosis.evidence import Evidence, Float64, Suspect, summing, ulp

CANDIDATES = 3
"""Survivors of one family that are worked out in full."""
MOST = 2048
"""Largest K whose quadratic families are tried."""


def partial_sums(evidence: Evidence) -> Iterator[Suspect]:
    """What C would be if some terms of K were lost, kept alone or added twice."""
    rows, cols = evidence.sample
    if evidence.terms == 0 or not len(rows) or len(evidence.operands) < 2:
        return
    terms = evidence.expect.a[rows] * evidence.expect.b[:, cols].T
    prefix = np.zeros((evidence.terms + 1, len(rows)))
    np.cumsum(terms.T, axis=0, out=prefix[1:])
    families = [_ends, _added_every_step]
    if evidence.terms <= MOST:
        families += [_intervals, _periodic, _wrong_advance]
    for family in families:
        for name, cause, weights in family(evidence, prefix):
            a, b = evidence.expect.a * weights, evidence.expect.b
            c, slack = evidence.finished(a, b), np.zeros(evidence.got.shape)
            if name == "added-every-step":
                slack = summing(evidence) * (np.abs(a) @ np.abs(b)) + ulp(evidence) * np.abs(c)
            yield Suspect(name, cause, c, slack=slack)
    if evidence.terms <= MOST:
        yield from _small_terms(evidence)


Weighed = tuple[str, str, Float64]
"""Name, cause, and the weight of every term."""


def _hits(evidence: Evidence, sums: Float64, slack: Float64 | float = 0.0) -> list[int]:
    """The first few of many sums (count, samples) that agree with the samples."""
    return [int(i) for i in np.flatnonzero(evidence.agrees(sums, slack))[:CANDIDATES]]


def _weights(k: int, inside: float, outside: float, first: int, last: int) -> Float64:
    """`inside` for first <= k < last, `outside` elsewhere."""
    weights = np.full(k, outside)
    weights[first:last] = inside
    return weights


def _ends(evidence: Evidence, prefix: Float64) -> Iterator[Weighed]:
    """The sum stops early, or starts late."""
    k = evidence.terms
    for stop in reversed([i + 1 for i in _hits(evidence, prefix[1:-1])]):
        weights = _weights(k, 1.0, 0.0, 0, stop)
        if stop == 1 and k > 2:
            yield "one-tile-only", f"only the first term is added, k = 0 of K = {k}", weights
        elif 2 * stop < k:
            yield "one-tile-only", f"the sum stops early: only the first {stop} terms are added, of K = {k}", weights
        else:
            lost = f"k = {stop}" + (f" ... {k - 1}" if stop < k - 1 else "")
            cause = f"the sum stops early: the last {_terms(k - stop)} never added, of K = {k} ({lost})"
            yield "tail-of-k", cause, weights
    for start in [i + 1 for i in _hits(evidence, prefix[-1] - prefix[1:-1])]:
        weights = _weights(k, 1.0, 0.0, start, k)
        left = f"only the last {_terms(k - start)} left, of K = {k}"
        if 2 * start < k:
            yield "head-of-k", f"the sum starts late: the first {_terms(start)} never added, of K = {k}", weights
        elif start == k - 1:
            yield (
                "last-term-only",
                f"{left}: each step, or each tile, of K overwrites C instead of adding to it",
                weights,
            )
        else:
            yield "overwrites-over-k", f"{left}: each tile of K overwrites C instead of adding to it", weights


def _terms(count: int) -> str:
    return "term is" if count == 1 else f"{count} terms are"


def _intervals(evidence: Evidence, prefix: Float64) -> Iterator[Weighed]:
    """The terms first <= k < last are lost, counted twice, or alone there."""
    k = evidence.terms
    if k < 2:  # all terms or none
        return
    sums = np.concatenate([prefix[length:] - prefix[:-length] for length in range(1, k)])  # the shortest come first
    places = [(first, first + length) for length in range(1, k) for first in range(k - length + 1)]
    for i in _hits(evidence, prefix[-1] - sums):
        first, last = places[i]
        weights = _weights(k, 0.0, 1.0, first, last)
        if last - first == 1:
            yield "middle-of-k", f"the term k = {first} of K = {k} is missing", weights
        else:
            cause = f"the terms k = {first} ... {last - 1} of K = {k} are missing: a tile of K is left out, or its end"
            yield "middle-of-k", cause, weights
    for i in _hits(evidence, prefix[-1] + sums):
        first, last = places[i]
        weights = _weights(k, 2.0, 1.0, first, last)
        tile = k - first
        some = f"the term k = {first}" if last - first == 1 else f"the terms k = {first} ... {last - 1}"
        if last < k and last % tile == 0:
            are = "is" if last - first == 1 else "are"
            cause = (
                f"{some} of K = {k} {are} added twice: the last tile of K has {k - last} "
                f"of {tile} terms and is taken as if it were full, with what the tile before left behind"
            )
            yield "stale-padding", cause, weights
        elif last - first == 1:
            yield "tiles-overlap", f"{some} of K = {k} is added twice", weights
        else:
            cause = f"the terms from k = {first} on are added twice: the tiles of K overlap"
            if last < k:
                cause = f"the terms k = {first} ... {last - 1} are added twice: the tiles of K overlap"
            yield "tiles-overlap", cause, weights
    for i in _hits(evidence, sums):
        first, last = places[i]
        cause = f"only the terms k = {first} ... {last - 1} are added, of K = {k}"
        if last - first == 1:
            cause = f"only the term k = {first} is left: C is overwritten at every step of K, not added to"
        yield "one-tile-only", cause, _weights(k, 1.0, 0.0, first, last)


def _periodic(evidence: Evidence, prefix: Float64) -> Iterator[Weighed]:
    """The same few terms of every tile of K are lost or counted twice, for every length of a tile."""
    k, total = evidence.terms, prefix[-1]
    place = np.arange(k)
    for tile in range(2, k):
        starts = np.arange(0, k, tile)
        ends = np.minimum(starts[:, None] + np.arange(tile + 1)[None, :], k)
        heads = (prefix[ends] - prefix[starts][:, None]).sum(axis=0)  # of every tile, its first 0 ... tile terms
        singles = np.diff(heads, axis=0)
        inside = place % tile
        for i in _hits(evidence, heads[1:-1]):
            cause = f"of every {tile} terms of K the last {_terms(tile - i - 1)} never added"
            yield "part-of-every-tile", cause, (inside <= i).astype(np.float64)
        for i in _hits(evidence, total - heads[1:-1]):
            cause = f"of every {tile} terms of K the first {_terms(i + 1)} never added"
            yield "part-of-every-tile", cause, (inside > i).astype(np.float64)
        for i in _hits(evidence, total - singles):
            cause = f"of every {tile} terms of K one is never added: k = {i}, {i + tile}, ..."
            yield "part-of-every-tile", cause, (inside != i).astype(np.float64)
        for i in _hits(evidence, singles):
            cause = f"only every {tile}th term is added: k = {i}, {i + tile}, ..."
            yield "part-of-every-tile", cause, (inside == i).astype(np.float64)
        for i in _hits(evidence, total + heads[1:-1] - prefix[1:tile]):
            cause = (f"the tiles of K overlap: a new one begins every {tile} terms, but each is {tile + i + 1} long: "
                     f"{i + 1} are added twice at k = {tile}, {2 * tile}, ...")  # fmt: skip
            yield "tiles-overlap", cause, 1.0 + ((inside <= i) & (place >= tile)).astype(np.float64)


def _wrong_advance(evidence: Evidence, prefix: Float64) -> Iterator[Weighed]:
    """Tiles of one length that begin another length apart: they overlap, and the end of K is never reached."""
    k = evidence.terms
    for tile in range(2, k):
        for count in {k // tile, -(-k // tile)} - {1}:
            starts = np.minimum(np.arange(1, tile)[:, None] * np.arange(count)[None, :], k)
            ends = np.minimum(starts + tile, k)
            for i in _hits(evidence, (prefix[ends] - prefix[starts]).sum(axis=1)):
                weights = np.zeros(k)
                for start, end in zip(starts[i], ends[i], strict=True):
                    weights[start:end] += 1
                cause = (f"the tiles of K overlap: each is {tile} long and the next begins {i + 1} further on, so the "
                         "end of K is not reached")  # fmt: skip
                yield "tiles-overlap", cause, weights


def _added_every_step(evidence: Evidence, prefix: Float64) -> Iterator[Weighed]:
    """The accumulator is not cleared when it has been added to C, so early terms count again at every later step."""
    k = evidence.terms
    place = np.arange(k)
    sums = np.diff(prefix, axis=0)
    weights = (
        np.stack([-(-k // tile) - place // tile for tile in range(1, k)]).astype(float) if k > 1 else np.ones((0, k))
    )
    for i in _hits(
        evidence, weights @ sums, summing(evidence) * (weights @ np.abs(sums)) + ulp(evidence) * np.abs(weights @ sums)
    ):
        every = "step" if i == 0 else f"tile of {i + 1} terms"
        cause = (f"the running sum is added to C at every {every} of K and not cleared: the first terms count "
                 f"{int(weights[i][0])} times")  # fmt: skip
        yield "added-every-step", cause, weights[i]


def _small_terms(evidence: Evidence) -> Iterator[Suspect]:
    """Terms below some size are left out; the sample tells between which two of its own sizes the limit lies."""
    rows, cols = evidence.sample
    a, b = evidence.expect.a, evidence.expect.b
    terms = a[rows] * b[:, cols].T
    for what, sizes in (("|a b|", np.abs(terms)), ("|a|", np.abs(a[rows])), ("|b|", np.abs(b[:, cols].T))):
        limits = np.unique(sizes)
        for i in _hits(evidence, _sums_above(terms, sizes, limits)[1:]):
            below, limit = float(limits[i]), float(limits[i + 1])
            c, unsure = np.zeros(evidence.got.shape), np.zeros(evidence.got.shape, bool)
            for k in range(evidence.terms):
                term = np.multiply.outer(a[:, k], b[k])
                size = np.abs(term) if what == "|a b|" else np.abs(a[:, k, None] if what == "|a|" else b[None, k])
                c += np.where(size >= limit, term, 0.0)
                unsure |= (below < size) & (size < limit)
            cause = f"terms in which {what} is below about {limit:.3g} are left out"
            yield Suspect("small-terms-skipped", cause, evidence.expect.finish(c), ~unsure)


def _sums_above(terms: Float64, sizes: Float64, limits: Float64) -> Float64:
    """For every limit and every sample (row of `terms`), the sum of the terms whose size is at least the limit."""
    order = np.argsort(sizes, axis=1)
    tails = np.zeros((terms.shape[0], terms.shape[1] + 1))
    tails[:, :-1] = np.cumsum(np.take_along_axis(terms, order, 1)[:, ::-1], axis=1)[:, ::-1]
    ranked = np.take_along_axis(sizes, order, 1)
    sums = [tail[np.searchsorted(size, limits)] for tail, size in zip(tails, ranked, strict=True)]
    return np.stack(sums, axis=1)
