"""Read assembly text: its functions, their loops, and what the loop with most of the product's arithmetic does.

`hot_loop(asm)` reads what numba's `inspect_asm` gives: x86-64 in AT&T syntax or AArch64 from LLVM. With `executed`, how
often each block ran (`machine_code` counts that), the hot loop is the one that did most FLOPs. Without, it is guessed:
the deepest loop that multiplies; beside it, in the same loop, the one with most FLOPs, for a vector loop's scalar
remainder stands there; between loops of different parents the one with fewest lanes, for one of them is a decoy and it
is not known which.

Loads, stores and spills are counted in instructions, and so are the FLOPs they are divided by: an FMA on 8 lanes is 16
`flops` and 2 `operations`. A vector load and a broadcast count as one, a memory operand of an FMA too, a gather as one
per lane. What is relative to the stack pointer is no load but a spill, also where it is an argument that numba passes
there.

Limits. A register that holds an address on the stack is not followed: what is reached through it counts as a load or a
store. A loop with two entries is not found. A loop that the compiler has unrolled away has no iterations: its
instructions belong to the loop around it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mlsys_kernels.tracing.instructions import Arithmetic, Instruction, aarch64, x86_64
from mlsys_kernels.tracing.loops import nest

BITS_OF_A_VECTOR = 128
"""4 lanes of float32, 2 of float64: from there on a loop is packed, for every x86-64 and every AArch64 has that."""
SHARE_OF_PACKED = 0.9
"""Of the FLOPs of a packed loop at least so many are on vectors."""

_X86 = re.compile(r"^\s+[a-z]\w*\s[^#\n]*%(?:[re]?[abcd]x|[re]?[sd]i|[re]?[sb]p|r\d+|[xyz]mm\d+)\b", re.MULTILINE)
_LABEL = re.compile(r'("[^"]*"|[^\s:"#/;]+):')
_LOCAL = re.compile(r"\.L|[Ll](?:BB|CPI|JTI|tmp|func|loh)")
_BLOCK_COMMENT = re.compile(r"[#/;]+ %bb\.\d+:")
_BLOCK_LABEL = re.compile(r"(?:\.L|\bL)BB\d+_\d+")
_NAME = re.compile(r'[#/;]+ %("[^"]*"|\S+)$')


@dataclass(frozen=True)
class Block:
    """Instructions that run one after the other. `name` is that of LLVM's block, or None; `label` the assembler's."""

    label: str | None
    name: str | None
    instructions: tuple[Instruction, ...]

    @cached_property
    def arithmetic(self) -> tuple[Arithmetic, ...]:
        """The floating-point multiplications and additions."""
        return tuple(each.arithmetic for each in self.instructions if each.arithmetic is not None)

    @property
    def flops(self) -> int:
        """FLOPs, all lanes counted, each time that it runs."""
        return sum(each.flops for each in self.arithmetic)


@dataclass(frozen=True)
class Function:
    """A function's blocks in the order of the text; `tables` are the labels that a computed jump may go to."""

    name: str
    blocks: tuple[Block, ...]
    tables: frozenset[str]

    def successors(self) -> list[list[int]]:
        """For each block the blocks that may run next."""
        at = {block.label: index for index, block in enumerate(self.blocks) if block.label}
        found = []
        for index, block in enumerate(self.blocks):
            last = block.instructions[-1] if block.instructions else Instruction("")
            labels: Iterable[str] = self.tables if last.flow == "anywhere" else [last.target] if last.target else []
            following = [index + 1] if last.flow in ("next", "branch", "call") else []
            found.append([to for to in following if to < len(self.blocks)] + [at[to] for to in labels if to in at])
        return found

    def frame(self) -> frozenset[str]:
        """The registers that point into the stack for the whole function."""
        copies = {each.frame for block in self.blocks for each in block.instructions if each.frame}
        return frozenset({"rsp", "sp"} | copies)


@dataclass(frozen=True)
class HotLoop:
    """One iteration of the loop that does the work; `depth` 1 is an outermost loop, 0 no loop at all.

    `packed` says that at least 9 of 10 FLOPs are on vectors of 128 bits or more, `fused` that most are FMAs. `lanes`
    and `bits` are those of most FLOPs. `executed` is how many FLOPs it did, None where nothing was counted. `text` is
    its instructions, without those of loops inside it and those that never ran.
    """

    function: str
    depth: int
    packed: bool
    lanes: int
    bits: int
    fused: bool
    flops: int
    operations: int
    loads: int
    stores: int
    vector_spills: int
    integer_spills: int
    calls: int
    executed: int | None
    text: str

    @property
    def turns(self) -> float:
        """How often it ran, on average over its blocks; 0 where nothing was counted."""
        return (self.executed or 0) / self.flops

    @property
    def loads_per_flop(self) -> float:
        """Load instructions for each operation: (MR + NR) / (2 MR NR) for a register tile."""
        return self.loads / self.operations

    @property
    def stores_per_flop(self) -> float:
        """Store instructions for each operation."""
        return self.stores / self.operations

    @property
    def spills_per_flop(self) -> float:
        """Loads from and stores to the stack for each operation."""
        return (self.vector_spills + self.integer_spills) / self.operations


def hot_loop(asm: str, executed: Mapping[tuple[str, str], int] | None = None) -> HotLoop | None:
    """The loop in which the product is computed; None if nothing multiplies in a loop, or nothing that ran.

    Args:
        asm: assembly of a whole module. Text of any kind is allowed.
        executed: how often each (function, LLVM's name of a block) ran; blocks that are not in it are taken to run
            but to do no work.
    """
    found = list(_loops(asm, executed))
    if executed is not None:
        return max((loop for _, loop in found), key=lambda loop: loop.executed or 0, default=None)
    deepest = max((loop.depth for _, loop in found), default=0)
    best: dict[tuple[str, int], HotLoop] = {}
    for parent_of, loop in found:
        if loop.depth == deepest and (parent_of not in best or loop.flops > best[parent_of].flops):
            best[parent_of] = loop
    return min(best.values(), key=lambda loop: (loop.packed, loop.lanes, loop.flops), default=None)


def working_loops(asm: str, executed: Mapping[tuple[str, str], int]) -> list[HotLoop]:
    """All loops that multiply and ran: a product may be spread over several, for a compiler splits and unrolls."""
    return [loop for _, loop in _loops(asm, executed)]


def _loops(asm: str, executed: Mapping[tuple[str, str], int] | None) -> Iterator[tuple[tuple[str, int], HotLoop]]:
    """Each loop that multiplies, beside its function and the loop around it."""
    for function in functions(asm):
        if not any(block.arithmetic for block in function.blocks):
            continue
        for depth, parent, own in nest(function.successors()):
            blocks = [function.blocks[at] for at in own if _runs(function, function.blocks[at], executed)]
            done = None if executed is None else _work(function, blocks, executed)
            multiplies = any(each.multiplies for block in blocks for each in block.arithmetic)
            if multiplies and (depth > 0 if done is None else done > 0):
                yield (function.name, parent), _measure(function, depth, blocks, done)


def executed_flops(asm: str, executed: Mapping[tuple[str, str], int]) -> int:
    """All FLOPs that the blocks of `executed` did, in loops or not."""
    return sum(_work(function, function.blocks, executed) for function in functions(asm))


def functions(asm: str) -> list[Function]:
    """The functions of a module in the order of the text; what holds no instruction is none."""
    read, comment = (x86_64, "#") if _X86.search(asm) else (aarch64, "//|;")
    found: list[Function] = []
    name, blocks, tables = "", [_Open()], set[str]()
    for line in asm.splitlines():
        label = _LABEL.match(line)
        if label and not _LOCAL.match(label[1]):
            found += _closed(name, blocks, tables)
            name, blocks, tables = label[1].strip('"'), [_Open()], set()
        elif label or _BLOCK_COMMENT.match(line):
            known = _NAME.search(line)
            blocks.append(_Open(label[1] if label else None, known[1].strip('"') if known else None))
        elif text := re.split(comment, line, maxsplit=1)[0].strip():
            if text.startswith("."):
                tables.update(_BLOCK_LABEL.findall(text))
                continue
            blocks[-1].instructions.append(read(text))
            if blocks[-1].instructions[-1].flow not in ("next", "call"):
                blocks.append(_Open(None, blocks[-1].name))  # a second jump of the same block, or unnamed text
    return found + _closed(name, blocks, tables)


@dataclass
class _Open:
    """A block that is being read."""

    label: str | None = None
    name: str | None = None
    instructions: list[Instruction] = field(default_factory=list)


def _closed(name: str, blocks: list[_Open], tables: set[str]) -> list[Function]:
    read = tuple(Block(each.label, each.name, tuple(each.instructions)) for each in blocks
                 if each.label or each.instructions)  # fmt: skip
    return [Function(name, read, frozenset(tables))] if any(block.instructions for block in read) else []


def _runs(function: Function, block: Block, executed: Mapping[tuple[str, str], int] | None) -> bool:
    return executed is None or executed.get((function.name, block.name or ""), 1) > 0


def _work(function: Function, blocks: Iterable[Block], executed: Mapping[tuple[str, str], int]) -> int:
    return sum(block.flops * executed.get((function.name, block.name or ""), 0) for block in blocks)


def _measure(function: Function, depth: int, blocks: list[Block], executed: int | None) -> HotLoop:
    instructions = [each for block in blocks for each in block.instructions]
    arithmetic = [each for block in blocks for each in block.arithmetic]
    flops = sum(each.flops for each in arithmetic)
    kinds: Counter[tuple[int, int]] = Counter()
    for each in arithmetic:
        kinds[each.lanes, each.bits] += each.flops
    (lanes, bits), _ = kinds.most_common(1)[0]
    packed = sum(each.flops for each in arithmetic if each.lanes * each.bits >= BITS_OF_A_VECTOR)
    fused = sum(each.flops for each in arithmetic if each.multiplies and each.adds)
    frame = function.frame()
    accesses = [each.access for each in instructions if each.access is not None]
    spills = [each for each in accesses if each.registers & frame]
    others = [each for each in accesses if not each.registers & frame]
    lines = [line for block in blocks
             for line in ([f"{block.label}:"] if block.label else []) + [f"    {' '.join(each.text.split())}"
                                                                         for each in block.instructions]]  # fmt: skip
    return HotLoop(
        function=function.name,
        depth=depth,
        packed=packed >= SHARE_OF_PACKED * flops,
        lanes=lanes,
        bits=bits,
        fused=2 * fused > flops,
        flops=flops,
        operations=sum(each.operations for each in arithmetic),
        loads=sum(each.loads for each in others),
        stores=sum(each.stores for each in others),
        vector_spills=sum(each.loads + each.stores for each in spills if each.of_vector),
        integer_spills=sum(each.loads + each.stores for each in spills if not each.of_vector),
        calls=sum(each.flow == "call" for each in instructions),
        executed=executed,
        text="\n".join(lines),
    )
