"""What `mlk inspect` prints: the figures side by side, then source lines beside the instructions they became.

Plain text without colours, at most 80 columns wide for a file whose own name is short.
"""

import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from mlsys_kernels.tracing.figures import Figures, access_name, figures, plain
from mlsys_kernels.tracing.inspection import Compiled, Inspection, Options, Variant
from mlsys_kernels.tracing.listing import Access, Matrix
from mlsys_kernels.tracing.targets import Target

WIDTH = 80
LABEL = 34
COLUMN = 15

Row = tuple[str, Callable[[Figures], str]]


def options_text(options: Options) -> str:
    """`num_stages=4,num_warps=8`, as it was typed; `as it is` for none."""
    return ",".join(f"{name}={value}" for name, value in options.items()) or "as it is"


def wrong(variant: Variant, inspection: Inspection) -> str | None:
    """One sentence on why a variant gives no kernel that could run, with the line; None if it does."""
    if variant.failed is not None:
        source = _source(inspection, variant.line)
        place = f"{inspection.name}, line {variant.line}: " if variant.line else f"{inspection.name}: "
        if variant.failed == "todo":
            return place + "still to be written" + (f"\n  {source}" if source else "")
        return place + variant.message + (f"\n  {source}" if source else "")
    most = inspection.target.shared_per_block
    for each in variant.kernels:
        if each["shared"] > most:
            need = f"{each['kernel']} needs {each['shared']:,} bytes of shared memory; a block may have {most:,}"
            return f"{need}: the launch would fail. Fewer stages or a smaller BLOCK_K take less"
    return None


def as_text(compiled: Compiled, inspection: Inspection) -> Iterator[str]:
    """The lines of the report."""
    target, first = inspection.target, compiled.variants[0]
    yield f"{inspection.name} for {target.name} ({target.chip}), triton {compiled.versions.get('triton', '?')}"
    yield _wrapped(f"call: {inspection.call}; every axis 256 long, or a multiple of its block")
    if changed := _changed(inspection, first):
        yield _wrapped(f"set for this: {changed}. Smaller tiles are the interpreter's sizes")
    yield from (_wrapped(note) for note in first.notes)
    read = [[figures(each, inspection.name, target) for each in each.kernels] for each in compiled.variants]
    for number, kernel in enumerate(read[0]):
        columns = [kernels[number] if number < len(kernels) else None for kernels in read]
        yield ""
        yield from _table(columns, compiled.variants, kernel.kernel, target)
        yield ""
        yield from _lines(kernel, inspection)
    for variant in compiled.variants:
        if (why := wrong(variant, inspection)) is not None:
            yield ""
            yield _wrapped(f"{options_text(variant.options)}: {why}" if variant.options else why)
    if compiled.output:
        yield ""
        yield f"The file printed: {compiled.output.strip()!r}"


def as_json(compiled: Compiled, inspection: Inspection) -> dict[str, Any]:
    """The same for machines."""
    target = inspection.target
    return {
        "schema": 1,
        "exercise": inspection.exercise.slug,
        "target": target.name,
        "chip": target.chip,
        "shared_bytes_limit": target.shared_per_block,
        "registers_per_thread_limit": target.registers_per_thread,
        "call": inspection.call,
        "versions": compiled.versions,
        "cached": compiled.cached,
        "output": compiled.output,
        "variants": [
            {
                "what_if": each.options,
                "verdict": each.failed or ("refused" if wrong(each, inspection) else "ok"),
                "message": wrong(each, inspection) or "",
                "line": each.line,
                "tiles": {inspection.exercise.tiles[axis]: size for axis, (size, _) in each.tiles.items()},
                "notes": list(each.notes),
                "kernels": [plain(figures(kernel, inspection.name, target)) for kernel in each.kernels],
            }
            for each in compiled.variants
        ],
    }


def _changed(inspection: Inspection, variant: Variant) -> str:
    names = inspection.exercise.tiles
    return ", ".join(
        f"{names[axis]} = {size} ({own})" for axis, (size, own) in variant.tiles.items() if own is not None
    )


def _table(columns: list[Figures | None], variants: tuple[Variant, ...], name: str, target: Target) -> Iterator[str]:
    """One row per figure, one column per variant; rows of instructions only for those that occur."""
    there = [each for each in columns if each is not None]
    heads = [options_text(variant.options).split(",") for variant in variants]
    for depth in range(max(map(len, heads))):
        cells = (head[depth] if depth < len(head) else "" for head in heads)
        yield _row(name if depth == 0 else "", cells)
    for label, cell in (*_machine_rows(target), *_instruction_rows(there)):
        yield _row(label, ("-" if each is None else cell(each) for each in columns))


def _row(label: str, cells: Iterable[str]) -> str:
    return (f"{label:<{LABEL}}" + "".join(f"{cell:>{COLUMN}}" for cell in cells)).rstrip()


def _machine_rows(target: Target) -> tuple[Row, ...]:
    def known(value: int | None) -> str:
        return "unknown" if value is None else f"{value:,}"

    return (
        ("warps of a block", lambda each: known(each.warps)),
        (f"registers of a thread (of {target.registers_per_thread})", lambda each: known(each.registers)),
        ("spilled by a thread, bytes", lambda each: known(each.spilled)),
        (f"shared memory (of {target.shared_per_block:,})", lambda each: known(each.shared)),
        (
            "  stages in it",
            lambda each: f"{each.stages.count} x {each.stages.stage_bytes:,}" if each.stages else "none",
        ),
        ("resident blocks", lambda each: known(each.resident.blocks if each.resident else None)),
        ("  limited by", lambda each: each.resident.limited_by if each.resident else "unknown"),
    )


def _instruction_rows(there: list[Figures]) -> Iterator[Row]:
    """Matrix instructions first; scalar multiply-adds where a kernel has none."""
    for kind in dict.fromkeys(kind for each in there for kind in each.matrices):
        yield f"{kind.family} {kind.shape}".rstrip(), partial(_count_matrix, kind)
    if any(not each.matrices for each in there):
        yield "multiply-adds of one lane", lambda each: f"{each.scalar:,}"
    for access in sorted({kind for each in there for kind in each.accesses}, key=_space_then_widest):
        yield access_name(access), partial(_count_access, access)


def _space_then_widest(access: Access) -> tuple[str, str, int]:
    return access.space, access.does, -access.width


def _count_matrix(kind: Matrix, each: Figures) -> str:
    return f"{each.matrices.get(kind, 0):,}"


def _count_access(kind: Access, each: Figures) -> str:
    return f"{each.accesses.get(kind, 0):,}"


def _lines(kernel: Figures, inspection: Inspection) -> Iterator[str]:
    yield "line  source, and below it the instructions it became (in the text, not run)"
    for line, groups in kernel.lines.items():
        yield _cut(f"{line:4}  {_source(inspection, line)}")
        for group in groups:
            width = f"{group.access.width:3} bytes" if group.access and group.access.width else ""
            yield _cut(f"{group.count:10} x {group.opcode:<54} {width}".rstrip())


def _source(inspection: Inspection, line: int | None) -> str:
    lines = inspection.data.decode(errors="replace").splitlines()
    return lines[line - 1].strip() if line is not None and 0 < line <= len(lines) else ""


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 4] + " ..."


def _wrapped(text: str) -> str:
    """Each line of the text within 80 columns; lines that are indented stay so."""
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    )
