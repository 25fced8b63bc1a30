"""One matmul(a, b) for NumPy arrays and torch tensors: which backend runs, which tile a program takes, and the product.

`choose_backend(device, triton_available)` answers "triton" or "numba"; devices are named as torch and NumPy name them.
Without a GPU the product is numba's for every input, so `matmul_triton` is called directly too: the kernel that the
file came with then runs in Triton's interpreter, with the learner's tile_of. bfloat16 works here without a GPU, since
torch converts it and numba never sees it.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from mlsys_kernels.course.problems.matmul import case
from mlsys_kernels.course.problems.tile_order import dispatch_order_calls
from mlsys_kernels.course.spec import Answer, Call, Case, Problem, Tile

BACKENDS: tuple[tuple[str, bool, str, str], ...] = (
    ("cpu", True, "numba", "a Triton kernel needs a GPU; data in the CPU's memory go to numba"),
    ("cpu", False, "numba", "without Triton there is only numba"),
    ("cuda", True, "triton", "data in a GPU's memory go to Triton"),
    ("cuda:0", True, "triton", "torch names the first GPU cuda:0 as well as cuda"),
    ("cuda:3", True, "triton", "torch numbers several GPUs: cuda:3 is a GPU like any other"),
    ("cuda:0", False, "numba", "without Triton the data are copied to the CPU, and the answer comes from numba"),
    ("mps", True, "numba", "Triton knows no Metal devices"),
)
"""device, triton_available, the answer and why."""


def _backend_calls(_rng: np.random.Generator, _tile: Tile) -> tuple[Call, ...]:
    return tuple(
        Call("choose_backend", (device, available), Answer(backend, "", because))
        for device, available, backend, because in BACKENDS
    )


def _calls_of(function: str, plain: Case, rng: np.random.Generator, tile: Tile) -> tuple[Call, ...]:
    return tuple(replace(call, function=function) for call in plain.calls(rng, tile))


def _directly(plain: Case) -> Case:
    """The same case, but `matmul_triton` is called instead of `matmul`."""
    return replace(plain, calls=partial(_calls_of, "matmul_triton", plain))


_torch = partial(case, library="torch")

DISPATCH = Problem(
    "dispatch",
    ("choose_backend(device, triton_available)", "tile_of(pid, tiles_m, tiles_n)", "tile_order(tiles_m, tiles_n)",
     "matmul(a, b)", "matmul_triton(a, b)"),
    (
        Case("backends", "a device that is not recognized", _backend_calls),
        Case("tile_map", "tiles computed twice, or never: grids that are not square", dispatch_order_calls),
        case("numpy_square", "the product of NumPy arrays", (64, 64, 64)),
        case("numpy_primes", "a remainder in every direction at once", (61, 53, 47)),
        case("numpy_views", "strides ignored: A is a transpose, B a window of a wider matrix", (45, 38, 29),
             layouts=("F", "padded")),
        case("numpy_float64", "float64 computed, or returned, as float32", (45, 38, 70), dtype="float64"),
        case("numpy_empty_k", "an output that is never written: K = 0 gives zeros", (4, 5, 0)),
        _torch("torch_square", "a tensor in, a NumPy array out", (64, 64, 64)),
        _torch("torch_tall", "m and n of tile_of exchanged: many rows of tiles, few columns", (230, 40, 9)),
        _torch("torch_views", "strides ignored: A is a window of a wider matrix, B a transpose", (38, 45, 29),
               layouts=("padded", "F")),
        _torch("torch_empty_m", "a division by the number of rows: M = 0", (0, 5, 3)),
        _torch("torch_float16", "float16 summed in float16, or returned as float32", (45, 38, 70), dtype="float16"),
        replace(
            _torch("torch_bfloat16", "bfloat16 returned as float32", (45, 38, 70), dtype="bfloat16"),
            interpreter=True,
        ),
        _directly(_torch("kernel_square", "a tile_of that Triton cannot compile or run", (64, 64, 64))),
        _directly(_torch("kernel_ragged", "a tile_of that is wrong on the GPU's side: 3 x 2 tiles", (70, 40, 33))),
        _directly(_torch("kernel_float16", "float16 in the kernel", (33, 65, 40), dtype="float16")),
    ),
)  # fmt: skip
