"""One line of assembly, x86-64 in AT&T syntax or AArch64, as what matters to a matmul kernel.

`x86_64(text)` and `aarch64(text)` read one instruction without its comment and never raise: what they do not know is an
instruction that computes nothing, touches no memory and goes on to the next one.

Limits. Floating-point arithmetic is multiplication, addition, subtraction and FMA; horizontal additions, divisions,
conversions and SVE are not counted. An SSE instruction on 4 lanes counts as 4, also where LLVM uses 2 of them.
"""

import re
from dataclasses import dataclass
from typing import Literal

Flow = Literal["next", "branch", "jump", "anywhere", "end", "call"]
"""Where it goes: on; on or to a label; to a label; to a label of a table; out of the function; away and back."""


@dataclass(frozen=True)
class Arithmetic:
    """Multiplication (`multiplies`), addition (`adds`) or both on `lanes` numbers of `bits` bits."""

    lanes: int
    bits: int
    multiplies: bool
    adds: bool

    @property
    def operations(self) -> int:
        """FLOPs of each lane: 2 for an FMA."""
        return self.multiplies + self.adds

    @property
    def flops(self) -> int:
        """FLOPs of all lanes."""
        return self.operations * self.lanes


@dataclass(frozen=True)
class Access:
    """Loads and stores; `registers` form the address, `of_vector` tells a vector register's value from an integer."""

    loads: int
    stores: int
    registers: frozenset[str]
    of_vector: bool


@dataclass(frozen=True)
class Instruction:
    """An instruction as written, and what it does. `target` is the label that a branch or a jump names."""

    text: str
    arithmetic: Arithmetic | None = None
    access: Access | None = None
    flow: Flow = "next"
    target: str | None = None
    frame: str | None = None  # the register that becomes a copy of the stack pointer


_X86_ARITHMETIC = re.compile(r"v?(?:(fn?m(?:add|sub)\d{3})|(mul)|(?:add|sub))([ps])([sd])")
_X86_VECTOR = re.compile(r"%([xyz])mm\d+")
_X86_BITS = {"x": 128, "y": 256, "z": 512}
_X86_TOUCHES_NOTHING = ("lea", "prefetch", "nop", "j", "ret")
_X86_READS_THE_LAST = re.compile(r"v?u?comis[sd]|cmp[bwlq]|v?test|bt[wlq]|i?mul[bwlq]|i?div[bwlq]|pushq|call")
_X86_ONLY_WRITES = re.compile(r"v?mov|v?extract|v?pextr|set|v?cvtps2ph|vmaskmov|vscatter|popq")


def x86_64(text: str) -> Instruction:
    """Read one instruction of x86-64."""
    mnemonic, _, rest = text.partition("\t") if "\t" in text else text.partition(" ")
    operands = _split(rest)
    flow, target = _x86_flow(mnemonic, operands)
    arithmetic = _x86_arithmetic(mnemonic, operands)
    frame = re.fullmatch(r"movq\s+%rsp,\s*%(rbp|rbx)", text)
    return Instruction(text, arithmetic, _x86_access(mnemonic, operands), flow, target, frame and frame[1])


def _x86_flow(mnemonic: str, operands: list[str]) -> tuple[Flow, str | None]:
    target = operands[0] if operands else None
    if mnemonic.startswith("call"):
        return "call", None
    if mnemonic.startswith(("ret", "ud2", "iret")):
        return "end", None
    if mnemonic.startswith("jmp"):
        return ("anywhere", None) if target is None or target.startswith("*") else ("jump", target)
    return ("branch", target) if mnemonic.startswith("j") else ("next", None)


def _x86_arithmetic(mnemonic: str, operands: list[str]) -> Arithmetic | None:
    found = _X86_ARITHMETIC.fullmatch(mnemonic)
    register = _X86_VECTOR.match(operands[-1]) if operands else None
    if found is None or register is None:
        return None
    fused, multiplies, packed, size = found.groups()
    bits = 32 if size == "s" else 64
    lanes = _X86_BITS[register[1]] // bits if packed == "p" else 1
    return Arithmetic(lanes, bits, bool(fused or multiplies), not multiplies)


def _x86_access(mnemonic: str, operands: list[str]) -> Access | None:
    if mnemonic.startswith(("push", "pop")) and mnemonic[-1] == "q":
        return Access(mnemonic == "popq", mnemonic == "pushq", frozenset({"rsp"}), of_vector=False)
    at = next((at for at, operand in enumerate(operands) if "(" in operand), None)
    if at is None or mnemonic.startswith(_X86_TOUCHES_NOTHING):
        return None
    registers = frozenset(re.findall(r"%(\w+)", operands[at][operands[at].index("(") :]))
    vectors = [found for operand in operands if (found := _X86_VECTOR.match(operand))]
    if "gather" in mnemonic and vectors:  # the hardware loads every lane by itself
        return Access(_X86_BITS[vectors[-1][1]] // (32 if mnemonic[-1] in "sd" else 64), 0, registers, of_vector=True)
    last = at == len(operands) - 1
    loads = not last or _X86_ONLY_WRITES.match(mnemonic) is None
    stores = last and _X86_READS_THE_LAST.match(mnemonic) is None
    return Access(int(loads), int(stores), registers, bool(vectors))


_ARM_FUSED = ("fmla", "fmls", "fmadd", "fmsub", "fnmadd", "fnmsub")
_ARM_SHAPE = re.compile(r"(\d+)([sd])")


def aarch64(text: str) -> Instruction:
    """Read one instruction of AArch64; a pair, `ldp` or `stp`, counts as two loads or stores."""
    mnemonic, _, rest = text.partition("\t") if "\t" in text else text.partition(" ")
    mnemonic, _, shape = mnemonic.partition(".")  # Apple writes fmla.4s v0, v1, v2
    operands = _split(rest)
    flow, target = _arm_flow(mnemonic, shape, operands)
    frame = re.fullmatch(r"(?:mov|add)\s+(x29|x19),\s*sp(?:,.*)?", text)
    arithmetic = _arm_arithmetic(mnemonic, shape, operands)
    return Instruction(text, arithmetic, _arm_access(mnemonic, operands), flow, target, frame and frame[1])


def _arm_flow(mnemonic: str, condition: str, operands: list[str]) -> tuple[Flow, str | None]:
    target = operands[-1] if operands else None
    if mnemonic in ("bl", "blr"):
        return "call", None
    if mnemonic in ("ret", "brk", "udf"):
        return "end", None
    if mnemonic == "br":
        return "anywhere", None
    if mnemonic == "b" and not condition:
        return "jump", target
    return ("branch", target) if mnemonic in ("b", "cbz", "cbnz", "tbz", "tbnz") else ("next", None)


def _arm_arithmetic(mnemonic: str, shape: str, operands: list[str]) -> Arithmetic | None:
    fused, multiplies = mnemonic in _ARM_FUSED, mnemonic in ("fmul", "fnmul")
    if not operands or not (fused or multiplies or mnemonic in ("fadd", "fsub")):
        return None
    register, _, own = operands[0].partition(".")
    found = _ARM_SHAPE.fullmatch(shape or own)
    if found is None and register[:1] not in ("s", "d"):
        return None
    lanes, size = (int(found[1]), found[2]) if found else (1, register[0])
    return Arithmetic(lanes, 32 if size == "s" else 64, fused or multiplies, not multiplies)


def _arm_access(mnemonic: str, operands: list[str]) -> Access | None:
    address = next((operand for operand in operands if operand.startswith("[")), None)
    if address is None or not mnemonic.startswith(("ld", "st")):
        return None
    values = operands[: operands.index(address)]
    count = len(_split(values[0].strip("{} "))) if values and values[0].startswith("{") else len(values)
    loads = mnemonic.startswith("ld")
    of_vector = bool(values) and re.match(r"\{?\s*[qdsv]\d", values[0]) is not None
    registers = frozenset(re.findall(r"\b(sp|x\d+)\b", address))
    return Access(count if loads else 0, 0 if loads else count, registers, of_vector)


def _split(operands: str) -> list[str]:
    """Split at commas that are in no bracket."""
    found, depth = [""], 0
    for character in operands:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return [operand.strip() for operand in found if operand.strip()]
