"""Natural loops of a control-flow graph, from its dominators.

A graph is a list: for each block the numbers of the blocks that may follow. Block 0 is the entry; what cannot be
reached from it belongs to no loop. Limit: a loop that is entered at two blocks (an irreducible one) is not found.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Nested(NamedTuple):
    """Blocks that are in one loop and in none inside it.

    `depth` is 1 for an outermost loop and `parent` the first block of the loop around it, -1 if there is none.
    Depth 0 stands for the blocks that are in no loop.
    """

    depth: int
    parent: int
    own: list[int]


def nest(successors: Sequence[Sequence[int]]) -> list[Nested]:
    """All loops, and first the blocks that are in none."""
    order = _reverse_postorder(successors)
    before: dict[int, list[int]] = {block: [] for block in order}
    for block in order:
        for following in successors[block]:
            before[following].append(block)
    loops = _bodies(order, before, successors)
    around = {block: sorted((head for head in loops if block in loops[head]), key=lambda head: len(loops[head]))
              for block in order}  # fmt: skip
    found = [Nested(0, -1, [block for block in sorted(order) if not around[block]])]
    for head in sorted(loops):
        own = [block for block in sorted(loops[head]) if around[block][0] == head]
        found.append(Nested(len(around[head]), around[head][1] if len(around[head]) > 1 else -1, own))
    return found


def _bodies(order: list[int], before: dict[int, list[int]], successors: Sequence[Sequence[int]]) -> dict[int, set[int]]:
    """For the first block of each loop all its blocks: what reaches a jump back without passing the first one."""
    dominator = _immediate_dominators(order, before)
    loops: dict[int, set[int]] = {}
    for block in order:
        for head in successors[block]:
            if not _dominates(dominator, head, block):
                continue
            body = loops.setdefault(head, {head})
            waiting = [block]
            while waiting:
                at = waiting.pop()
                if at not in body:
                    body.add(at)
                    waiting += before[at]
    return loops


def _reverse_postorder(successors: Sequence[Sequence[int]]) -> list[int]:
    if not successors:
        return []
    done: list[int] = []
    seen, path = {0}, [(0, iter(successors[0]))]
    while path:
        block, rest = path[-1]
        following = next((to for to in rest if to not in seen), None)
        if following is None:
            done.append(block)
            path.pop()
        else:
            seen.add(following)
            path.append((following, iter(successors[following])))
    return done[::-1]


def _immediate_dominators(order: list[int], before: dict[int, list[int]]) -> dict[int, int]:
    """For each block the nearest one that every way to it passes (Cooper, Harvey and Kennedy, 2001)."""
    rank = {block: at for at, block in enumerate(order)}
    dominator = {block: block for block in order[:1]}
    changed = True
    while changed:
        changed = False
        for block in order[1:]:
            ways = [way for way in before[block] if way in dominator]
            nearest = ways[0]
            for way in ways[1:]:
                while nearest != way:
                    if rank[way] > rank[nearest]:
                        way = dominator[way]
                    else:
                        nearest = dominator[nearest]
            if dominator.get(block) != nearest:
                dominator[block] = nearest
                changed = True
    return dominator


def _dominates(dominator: dict[int, int], one: int, other: int) -> bool:
    while other != one and dominator[other] != other:
        other = dominator[other]
    return other == one
