"""What a listing of GPU code says: memory instructions by width, matrix instructions, and which source line each is of.

Read from the text of PTX (NVIDIA) or of AMD's assembler. Counts are of instructions in the text, not of how often they
run: the body of a loop counts once, and what the compiler puts before the loop counts too. Widths are bytes per lane.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Literal

Space = Literal["global", "shared", "local"]
Does = Literal["load", "store", "atomic"]

_FILE = re.compile(r'\s*\.file\s+(\d+)\s+((?:"[^"]*"\s*)+)')
_LOC = re.compile(r"\s*\.loc\s+(\d+)\s+(\d+)")
_INLINED = re.compile(r"inlined_at\s+(\d+)\s+(\d+)")
_PREDICATE = re.compile(r"^@!?%\w+\s+")
_SCALARS = {"short": 2, "ushort": 2, "sshort": 2, "byte": 1, "ubyte": 1, "sbyte": 1, "dword": 4}
_BITS = re.compile(r"[bfsu](\d+)")


@dataclass(frozen=True)
class Instruction:
    """One instruction as the assembler reads it, and the line of the learner's file that it is for (None: none)."""

    line: int | None
    text: str

    @property
    def opcode(self) -> str:
        """The first word: what it does, without what it does it to."""
        return self.text.split(None, 1)[0].rstrip(";")


@dataclass(frozen=True)
class Access:
    """What one instruction does to memory.

    `width` is bytes per lane; 0 for a bulk copy (TMA), one instruction for a whole block. `asynchronous`: between
    global and shared memory, without passing through registers.
    """

    space: Space
    does: Does
    width: int
    asynchronous: bool = False


@dataclass(frozen=True)
class Matrix:
    """A matrix instruction: its family (wgmma, mma.sync, tcgen05, mfma) and its shape, empty where it is not named."""

    family: str
    shape: str


def instructions(assembly: str, file: str) -> tuple[Instruction, ...]:
    """Every instruction of a listing; `file` is the name of the learner's file, without its folder.

    A line of a function that was inlined counts for the line that called it, unless that function is in the file too.
    """
    ptx = re.search(r"^\.version ", assembly, re.MULTILINE) is not None
    # Files are declared at the end of PTX.
    files = {
        number for number, names in _FILE.findall(assembly) if re.split(r'[/"]', names.rstrip(' \t\n"'))[-1] == file
    }
    found: list[Instruction] = []
    line: int | None = None
    for row in assembly.splitlines():
        if place := _LOC.match(row):
            known = [
                int(at) for number, at in (place.groups(), *_INLINED.findall(row)) if number in files and at != "0"
            ]
            line = known[0] if known else None
            continue
        text = row.split("//" if ptx else ";", 1)[0].strip()
        if not text or text[0] in ".{}()$" or text.endswith(":"):
            continue
        text = _PREDICATE.sub("", text)
        if re.match(r"[a-z]\w*[. _;]?", text) and (not ptx or text.endswith(";")):
            found.append(Instruction(line, " ".join(text.split())))
        if text.startswith("s_endpgm") and not ptx:
            break  # what follows describes the kernel
    return tuple(found)


def access(instruction: Instruction) -> Access | None:
    """What the instruction does to memory; None if nothing, or if it only reads the kernel's arguments."""
    opcode = instruction.opcode
    if "." in opcode:
        return _ptx_access(opcode.split("."), instruction.text)
    return _amd_access(opcode)


def _ptx_access(parts: list[str], text: str) -> Access | None:
    space = next((each for each in parts if each.split("::")[0] in ("global", "shared", "local")), None)
    if space is None:
        return None
    kind, where = parts[0], space.split("::")[0]
    if parts[:2] == ["cp", "async"]:
        if parts[2] == "bulk":
            return Access("global", "store" if where == "global" else "load", 0, asynchronous=True)
        size = re.search(r"\],\s*(0x[0-9a-f]+|\d+)\b", text.split("[", 2)[-1])
        return Access("global", "load", int(size[1], 0) if size else 0, asynchronous=True)
    if kind in ("ldmatrix", "stmatrix"):
        count = next((int(each[1:]) for each in parts if re.fullmatch(r"x\d", each)), 1)
        return Access("shared", "load" if kind == "ldmatrix" else "store", 4 * count)
    does: Does | None = {"ld": "load", "st": "store", "atom": "atomic", "red": "atomic"}.get(kind)  # type: ignore[assignment]
    if does is None:
        return None
    vector = next((int(each[1:]) for each in parts if re.fullmatch(r"v\d", each)), 1)
    bits = [int(each[1]) for each in map(_BITS.fullmatch, parts) if each]
    return Access(where, does, vector * (bits[-1] if bits else 0) // 8)  # type: ignore[arg-type]


def _amd_access(opcode: str) -> Access | None:
    kind, _, rest = opcode.partition("_")
    space: Space | None = {"global": "global", "buffer": "global", "flat": "global", "ds": "shared",
                           "scratch": "local"}.get(kind)  # type: ignore[assignment]  # fmt: skip
    word = re.match(r"(load|read|store|write|atomic)(2?)", rest)
    if space is None or word is None:
        return None
    does: Does = {"load": "load", "read": "load", "atomic": "atomic"}.get(word[1], "store")  # type: ignore[assignment]
    width = max((_amd_width(token) for token in rest.split("_")[1:]), default=0)
    return Access(space, does, width * (2 if word[2] else 1))


def _amd_width(token: str) -> int:
    if token in _SCALARS:
        return _SCALARS[token]
    if wide := re.fullmatch(r"dwordx(\d)", token):
        return 4 * int(wide[1])
    bits = re.fullmatch(r"[bfiu](\d+)", token)
    return int(bits[1]) // 8 if bits else 0


def matrix(instruction: Instruction) -> Matrix | None:
    """The matrix instruction that it is, or None."""
    opcode = instruction.opcode
    for family, start in (("wgmma", "wgmma.mma_async"), ("mma.sync", "mma.sync"), ("tcgen05", "tcgen05.mma")):
        if opcode.startswith(start):
            shape = re.search(r"\.(m\d+n\d+k\d+)", opcode)
            return Matrix(family, shape[1] if shape else "")
    if opcode.startswith(("v_mfma_", "v_smfmac_")):
        shape = re.search(r"_(\d+x\d+x\d+)", opcode)
        return Matrix("mfma", shape[1] if shape else "")
    return None


def is_scalar_fma(instruction: Instruction) -> bool:
    """Whether it is one multiply-add for each lane: what a product is made of without matrix instructions."""
    return re.match(r"fma\.r|v_(pk_)?fmac?_|v_fma_mix|v_dot", instruction.opcode) is not None


def count_accesses(listing: Iterable[Instruction]) -> dict[Access, int]:
    """How many instructions of each kind touch memory, the widest first."""
    counts = Counter(found for each in listing if (found := access(each)) is not None)
    return dict(sorted(counts.items(), key=lambda item: (item[0].space, item[0].does, -item[0].width)))


def count_matrices(listing: Iterable[Instruction]) -> dict[Matrix, int]:
    """How many matrix instructions of each kind there are."""
    return dict(Counter(found for each in listing if (found := matrix(each)) is not None))


def tensor_columns(listing: Iterable[Instruction]) -> int:
    """Columns of tensor memory that a kernel for sm_100 allocates."""
    sizes = (each.text.rstrip(";").rsplit(",", 1)[-1] for each in listing if each.opcode.startswith("tcgen05.alloc"))
    return sum(int(size) for size in sizes if size.strip().isdigit())


@dataclass(frozen=True)
class Stages:
    """The pipeline in shared memory: how many steps of K it holds, and the bytes of each."""

    count: int
    stage_bytes: int


def stages(ttgir: str) -> Stages | None:
    """Read from Triton's GPU IR: its buffers `memdesc<COUNTxROWSxCOLUMNSxTYPE>`; None if a kernel has no pipeline.

    Buffers of integers are barriers, not data.
    """
    found: Counter[int] = Counter()
    for shape, bits in re.findall(r"local_alloc[^\n]*memdesc<((?:\d+x){3,})b?f(\d+)", ttgir):
        count, *block = (int(size) for size in shape.rstrip("x").split("x"))
        found[count] += prod(block) * int(bits) // 8
    if not found:
        return None
    count, stage_bytes = max(found.items(), key=lambda item: item[0] * item[1])
    return Stages(count, stage_bytes)


@dataclass(frozen=True)
class Group:
    """Instructions of one source line that have the same opcode; `access` and `matrix` say what they do."""

    opcode: str
    count: int
    access: Access | None
    matrix: Matrix | None


def by_line(listing: Iterable[Instruction]) -> dict[int, tuple[Group, ...]]:
    """For each source line that touches memory or multiplies matrices: its instructions that do, grouped."""
    lines: dict[int, Counter[tuple[str, Access | None, Matrix | None]]] = {}
    for each in listing:
        touched, product = access(each), matrix(each)
        if each.line is not None and (touched or product):
            lines.setdefault(each.line, Counter())[each.opcode, touched, product] += 1
    return {
        line: tuple(Group(opcode, count, touched, product) for (opcode, touched, product), count in found.items())
        for line, found in sorted(lines.items())
    }
