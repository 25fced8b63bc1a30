"""The picture of a Triton launch: what its programs read and write, in which order, and what a warp's lanes touch.

Counts are those of `triton_traffic` with maps. Of several launches, the one that moves most bytes is drawn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mlsys_kernels.tracing.cells import LARGEST
from mlsys_kernels.tracing.launch_traffic import MOST_TENSORS
from mlsys_kernels.tracing.picture import Grid, Lanes, Maps, Picture, Table, figure, read_grid, sizes, text, whole
from mlsys_kernels.tracing.tensor_traffic import WARP

MOST_LISTED = 12
"""Programs, and waves, that a sentence names."""


def triton_picture(counts: Mapping[str, Any], title: str) -> Picture:
    """Draw what `triton_traffic.counts()` counted; `title` says of which file and call.

    Raises:
        LookupError, TypeError, ValueError: these are other counts.
    """
    launched = whole(counts["launched"])
    if not counts["launches"]:
        return Picture(title, ("no kernel was launched: there is nothing to draw",), (), (), Table((), ()))
    launch = max(counts["launches"], key=lambda each: whole(each["bytes_loaded"]) + whole(each["bytes_stored"]))
    tensors = launch["tensors"][:MOST_TENSORS]
    by_name = {tensor["name"]: tensor for tensor in tensors}
    pictures = [(by_name[drawn["name"]], drawn) for drawn in launch["pictures"][:MOST_TENSORS]]
    read = tuple(_grid(tensor, drawn["reads"]) for tensor, drawn in pictures if drawn["reads"])
    written = tuple(_grid(tensor, drawn["writer"]) for tensor, drawn in pictures if drawn["writer"])
    sentences = [
        f"{text(launch, 'kernel')} runs {whole(launch['programs']):,} programs, grid "
        f"{' x '.join(str(whole(size)) for size in launch['grid'])}",
        *_intensity(launch),
        *_order(launch),
    ]
    if launched > 1:
        sentences.insert(0, f"{launched:,} launches; the one that moves most bytes is drawn")
    maps = (
        Maps("how often each element is read", "count", "reads", "not known", read),
        Maps("which program writes each element", "program", "program", "never written", written),
    )
    lanes = (_lanes(tensor, drawn, does) for tensor, drawn in pictures for does in ("load", "store"))
    table = _table(tensors, launch)
    return Picture(
        title,
        tuple(sentences),
        tuple(each for each in maps if each.grids),
        tuple(each for each in lanes if each),
        table,
    )


def _grid(tensor: Mapping[str, Any], cells: Any) -> Grid:
    shape = sizes(tensor["shape"])
    step = -(-shape[0] // LARGEST), -(-shape[1] // LARGEST)
    return read_grid(text(tensor, "name"), shape, step, cells)


def _lanes(tensor: Mapping[str, Any], drawn: Mapping[str, Any], does: str) -> Lanes | None:
    offsets = drawn[f"first_{does}"]
    if offsets is None or all(offset is None for offset in offsets):
        return None
    checked = tuple(None if offset is None else whole(offset) for offset in offsets[:WARP])
    return Lanes(text(tensor, "name"), does, whole(tensor["itemsize"]), checked)


def _intensity(launch: Mapping[str, Any]) -> tuple[str, ...]:
    moved, unique = (
        sum(whole(launch[f"{kind}bytes_{way}"]) for way in ("loaded", "stored")) for kind in ("", "unique_")
    )
    told = f"{moved:,} bytes loaded and stored; {unique:,} if each element were moved once"
    if not launch["dot_flops"]:
        return (f"{told}; no tl.dot",)
    flop, real, ideal = (figure(launch[key]) for key in ("dot_flops", "intensity", "ideal_intensity"))
    return (told, f"{flop} FLOP of tl.dot: {real} per byte; {ideal} if each element were moved once")


def _order(launch: Mapping[str, Any]) -> tuple[str, ...]:
    ran = f"order of programs here: {_some(launch['order'])}; a GPU starts them by number"
    if launch["wave"] is None:
        return (ran,)
    wave = whole(launch["wave"])
    return (
        ran,
        f"waves of {wave} programs, side by side: they load {_some(launch['wave_bytes'])} different bytes",
    )


def _some(numbers: Sequence[Any]) -> str:
    """The first of them, and that there are more."""
    listed = ", ".join(f"{whole(number):,}" for number in numbers[:MOST_LISTED])
    return listed + (" ..." if len(numbers) > MOST_LISTED else "")


def _table(tensors: Sequence[Mapping[str, Any]], launch: Mapping[str, Any]) -> Table:
    rows = []
    for tensor in tensors:
        used = tensor["sector_efficiency"]
        times = tensor["redundancy"]
        rows.append((
            text(tensor, "name"),
            figure(whole(tensor["bytes_loaded"])),
            "-" if times is None else f"{figure(float(times))}x",
            figure(whole(tensor["bytes_stored"])),
            figure(whole(tensor["sectors_loaded"]) + whole(tensor["sectors_stored"])),
            "-" if used is None else f"{100 * float(used):.0f}%",
        ))  # fmt: skip
    rows.append(("all", figure(whole(launch["bytes_loaded"])), "", figure(whole(launch["bytes_stored"])), "", ""))
    return Table(("tensor", "loaded, B", "times each", "stored, B", "sectors", "of them used"), tuple(rows))
