"""Right values that stand in the wrong place: C shifted, rows or tiles of C exchanged, blocks stored across."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mlsys_kernels.grading.diagnosis.evidence import ENOUGH, Bool, Evidence, Float64, Suspect, rounded

Places = NDArray[np.int64]

LARGEST_BLOCK = 64
"""The longest side of blocks that may have been stored across."""
FEW = 4
"""Rows or columns by which a wrong index may be off; more is a tile in a wrong place."""
MOSTLY = 0.5
"""Share of wrong elements from which all of C may have moved; a part is more likely to be old memory."""
CANDIDATES = 3
"""Sizes of blocks that are worked out in full."""
COLUMNS = 32
"""Elements of a row by which it is recognised."""


def misplaced(evidence: Evidence) -> Iterator[Suspect]:
    """What C would be if its values had been stored somewhere else."""
    right = evidence.expect.value
    if not np.isfinite(right).all():
        return
    yield from _lines(evidence, "row")
    yield from _lines(evidence, "column")
    yield from _shifted(evidence)
    yield from _across(evidence)
    yield from _tiles(evidence)


def _right(evidence: Evidence) -> Float64:
    """The right values as they would be stored."""
    return rounded(evidence.expect.value, evidence.expect.dtype)


def _lines(evidence: Evidence, word: str) -> Iterator[Suspect]:
    """Whole rows (or columns) of C that hold what belongs into other rows."""
    right, got, wrong = _right(evidence), evidence.got, evidence.wrong
    if word == "column":
        right, got, wrong = right.T, got.T, wrong.T
    if min(right.shape) < 2:
        return
    hit = wrong.any(axis=0)  # what is right everywhere may have been computed by other lines
    bad = np.flatnonzero(wrong.any(axis=1))
    same = _sameness(right[:, hit], got[:, hit], evidence)
    for name, cause, source in _orders(word, len(right), bad):
        inside = (source >= 0) & (source < len(right))  # what comes from beyond the edge is unknown
        source = source.clip(0, len(right) - 1)
        if same(source, inside):
            c = np.where(hit, right[source], right)
            known = np.broadcast_to(inside[:, None], c.shape)
            yield Suspect(name, cause, c.T if word == "column" else c, known.T if word == "column" else known)
            return
    source = _sources(right[:, hit], got[:, hit], evidence)
    if (source[bad] < 0).any() or len(bad) < 2 or hit.sum() < ENOUGH:
        return
    source[source < 0] = np.flatnonzero(source < 0)
    c = np.where(hit, right[source], right)
    yield Suspect("wrong-tile", _story(word, source, bad), c.T if word == "column" else c)


def _orders(word: str, count: int, bad: Places) -> Iterator[tuple[str, str, Places]]:
    """Name, cause and source of every line, for the ways in which lines usually get into a wrong place."""
    line = np.arange(count)
    yield "reversed", f"the {word}s of C stand in reverse order", line[::-1]
    for period in range(1, count):
        if bad[0] >= period:
            again = f"{word} 0" if period == 1 else f"{word}s 0 ... {period - 1}"
            those = f"{word} {bad[0]} repeats" if len(bad) == 1 else f"{word}s {bad[0]} ... {bad[-1]} repeat"
            cause = f"{those} {again}: every tile computes the first"
            yield "repeats-first-tile", cause, np.where(np.isin(line, bad), line % period, line)
    for by in range(1, min(FEW, count - 1) + 1):
        for sign, where in ((1, "further on"), (-1, "before")):
            how = f"{by} {word}{'s' if by > 1 else ''} {where}"
            cause = f"every wrong {word} of C holds what belongs {how}: an index of the {word}s is off"
            yield "shifted", cause, (line + sign * by) % count
            yield "shifted", cause, line + sign * by
    for period in range(2, count):
        cause = f"every {word} of C holds what belongs in another {word}: the first of its {period}"
        yield "wrong-tile", cause, line // period * period


def _sameness(right: Float64, got: Float64, evidence: Evidence) -> Callable[[Places, Bool], bool]:
    """A test whether the lines of `got` are those of `right` from given sources, where these are known."""
    chosen = _columns(right.shape[1])
    slack = _slack(evidence)
    right, got = right[:, chosen], got[:, chosen]

    def same(source: Places, known: Bool) -> bool:
        return bool((np.abs(right[source] - got) <= slack)[known].all())

    return same


def _columns(width: int) -> Places:
    return np.arange(width) if width <= COLUMNS else np.random.default_rng(0).permutation(width)[:COLUMNS]


def _slack(evidence: Evidence) -> float:
    bound = evidence.expect.bound
    return 0.0 if bound is None else float(bound[np.isfinite(bound)].max(initial=0.0))


def _sources(right: Float64, got: Float64, evidence: Evidence) -> Places:
    """For each line of `got`, the line of `right` that it equals; -1 for none."""
    chosen, slack = _columns(right.shape[1]), _slack(evidence)
    source = np.full(len(right), -1)
    for i in range(len(right)):
        same = np.flatnonzero((np.abs(right[:, chosen] - got[i, chosen]) <= slack).all(axis=1))
        if len(same):
            source[i] = i if i in same else same[0]
    return source


def _story(word: str, source: Places, bad: Places) -> str:
    """In words, where lines stand that have no simple order."""
    steps = np.flatnonzero(np.diff(source[bad] - bad) != 0) + 1
    if 2 * (len(steps) + 1) <= len(bad):
        last = bad[steps[0] - 1] if len(steps) else bad[-1]
        where = f"{word}s {bad[0]} ... {last} hold what belongs in {word}s {source[bad[0]]} ... {source[last]}"
        return f"the values are right, but stand in the wrong place: {where}"
    example = f"{word} {bad[0]} holds {word} {source[bad[0]]}, {word} {bad[1]} holds {word} {source[bad[1]]}"
    return f"the values are right, but stand in another {word}: {example}"


def _places(evidence: Evidence) -> dict[float, tuple[int, int]]:
    """Where each right value stands that occurs only once."""
    right = _right(evidence)
    values, at, count = np.unique(right, return_index=True, return_counts=True)
    return {
        float(value): divmod(int(where), right.shape[1])
        for value, where, times in zip(values, at, count, strict=True)
        if times == 1
    }


def _shifted(evidence: Evidence) -> Iterator[Suspect]:
    """C moved by a few rows and columns at once."""
    if evidence.expect.bound is not None or evidence.wrong.mean() < MOSTLY:
        return
    places, votes = _places(evidence), Counter[tuple[int, int]]()
    for i, j in zip(*evidence.sample, strict=True):
        found = places.get(float(evidence.got[i, j]))
        if found is not None:
            votes[found[0] - int(i), found[1] - int(j)] += 1
    m, n = evidence.got.shape
    for (down, across), _ in votes.most_common(2):
        if max(abs(down), abs(across)) > FEW:
            continue
        rows, cols = np.arange(m) + down, np.arange(n) + across
        known = ((rows >= 0) & (rows < m))[:, None] & ((cols >= 0) & (cols < n))[None, :]
        c = evidence.expect.value[np.ix_(rows.clip(0, m - 1), cols.clip(0, n - 1))]
        cause = f"C[i, j] holds what belongs in C[i {down:+d}, j {across:+d}]: an index is off"
        yield Suspect("shifted", cause.replace(" +0", "").replace("+", "+ ").replace("-", "- "), c, known)


def _across(evidence: Evidence) -> Iterator[Suspect]:
    """Every block of `high` rows and `wide` columns is stored with its rows and columns exchanged."""
    right, (m, n) = _right(evidence), evidence.got.shape
    rows, cols = evidence.sample
    sides = np.arange(1, min(LARGEST_BLOCK, max(m, n)) + 1)
    if not len(rows) or len(sides) < 2:
        return
    high, wide = sides[:, None, None], sides[None, :, None]
    r, s = cols - cols // wide * wide, rows - rows // high * high
    source_r, source_c = rows // high * high + r, cols // wide * wide + s
    inside = (r < high) & (s < wide) & (source_r < m) & (source_c < n)
    found = right[source_r.clip(0, m - 1), source_c.clip(0, n - 1)]
    slack = 0.0 if evidence.expect.bound is None else evidence.expect.bound[rows, cols]
    same = np.abs(found - evidence.got[rows, cols]) <= slack
    possible = (same | ~inside).all(axis=2) & (2 * inside.sum(axis=2) >= len(rows))
    for h, w in np.argwhere(possible)[:CANDIDATES] + 1:
        cause = f"every block of {h} x {w} is stored with its rows and columns exchanged"
        yield Suspect("block-transposed", cause, *_stored_across(right, int(h), int(w)))


def _stored_across(right: Float64, high: int, wide: int) -> tuple[Float64, Bool]:
    """C after every whole block went to c[i + s, j + r] instead of c[i + r, j + s]; the rest is unknown."""
    m, n = right.shape
    rows, cols = np.arange(m)[:, None], np.arange(n)[None, :]
    first_r, first_c = rows // high * high, cols // wide * wide
    r, s = cols - first_c, rows - first_r
    source_r, source_c = first_r + r, first_c + s
    c = right[source_r.clip(0, m - 1), source_c.clip(0, n - 1)]
    known = (first_r + high <= m) & (first_c + wide <= n)
    return np.where((r < high) & (s < wide), c, 0.0), known


def _tiles(evidence: Evidence) -> Iterator[Suspect]:
    """Whole tiles of C that hold what belongs into other tiles."""
    if evidence.expect.bound is not None:
        return
    places, right = _places(evidence), _right(evidence)
    m, n = evidence.got.shape
    moved = np.zeros((m, n, 2), np.int64)
    found = ~evidence.wrong
    for i, j in zip(*np.nonzero(evidence.wrong), strict=True):
        place = places.get(float(evidence.got[i, j]))
        if place is not None:
            moved[i, j], found[i, j] = (place[0] - i, place[1] - j), True
    if 2 * (found & evidence.wrong).sum() < evidence.wrong.sum():
        return
    height, width = _side(moved, found), _side(moved.swapaxes(0, 1), found.T)
    if height * width < ENOUGH:
        return
    for i in range(0, m, height):
        for j in range(0, n, width):
            tile = (slice(i, i + height), slice(j, j + width))
            some = moved[tile][found[tile]]
            if len(some):  # a value that stands twice in C is taken to have moved as its tile did
                moved[tile] = some[0]
    rows, cols = np.arange(m)[:, None] + moved[..., 0], np.arange(n)[None, :] + moved[..., 1]
    known = (rows >= 0) & (rows < m) & (cols >= 0) & (cols < n)
    i, j = (int(axis[0]) for axis in np.nonzero(evidence.wrong))
    size = f"tiles of {height} x {width}" if height < m or width < n else "tiles"
    cause = (f"the values are right, but {size} stand in the wrong place: the tile at C[{i}, {j}] holds what belongs "
             f"at C[{rows[i, j]}, {cols[i, j]}]")  # fmt: skip
    yield Suspect("wrong-tile", cause, right[rows.clip(0, m - 1), cols.clip(0, n - 1)], known)


def _side(moved: Places, found: Bool) -> int:
    """The side of the tiles whose elements have all moved alike: what divides every row where something changes."""
    differs = (np.diff(moved, axis=0) != 0).any(axis=2) & found[1:] & found[:-1]
    return int(np.gcd.reduce(np.append(np.flatnonzero(differs.any(axis=1)) + 1, 0))) or len(moved)
