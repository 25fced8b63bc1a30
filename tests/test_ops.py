"""`mlsys_kernels.matmul`: what it accepts, what it refuses and how it says so, and what importing it costs."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlsys_kernels
from mlsys_kernels import matmul
from mlsys_kernels.course.problems.operands import encode, exact_pair

sizes = st.integers(0, 40)
few = settings(max_examples=60)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def run_python(code, **environment):
    """Run code in a fresh process and return what it prints."""
    inherited = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=inherited | environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# --- NumPy ---------------------------------------------------------------------------------------------------------


@few
@given(sizes, sizes, sizes, st.sampled_from(["float16", "float32", "float64"]), st.booleans(), st.integers(0, 999))
def test_numpy_arrays_give_the_exact_product_in_a_new_array_or_in_out(m, n, k, dtype, into_out, seed):
    a, b = exact_pair(np.random.default_rng(seed), m, n, k, dtype)
    out = np.full((m, 2 * n), np.nan, dtype)[:, ::-2] if into_out else None
    c = matmul(encode(a, dtype), encode(b, dtype), out)
    np.testing.assert_array_equal(c, encode(a @ b, dtype))
    assert (c is out) if into_out else (c.flags.c_contiguous and c.flags.owndata)
    assert c.dtype == dtype


def test_the_operands_are_left_as_they_were():
    a, b = np.arange(12.0).reshape(3, 4), np.arange(20.0).reshape(4, 5)
    before = a.copy(), b.copy()
    matmul(a, b)
    np.testing.assert_array_equal(a, before[0])
    np.testing.assert_array_equal(b, before[1])


def test_a_power_can_be_computed_in_place():
    a = np.random.default_rng(0).integers(-5, 6, (30, 30)).astype(np.float32)
    square = a @ a
    assert matmul(a, a, out=a) is a
    np.testing.assert_array_equal(a, square)


def test_read_only_operands_and_memory_maps_are_accepted(tmp_path):
    a = np.broadcast_to(np.arange(4.0), (3, 4))
    b = np.memmap(tmp_path / "b", np.float64, "w+", shape=(4, 2))
    b[...] = 1
    np.testing.assert_array_equal(matmul(a, b), a @ np.asarray(b))


# --- torch on the CPU ----------------------------------------------------------------------------------------------


@few
@given(
    sizes, sizes, sizes,
    st.sampled_from(["float16", "bfloat16", "float32", "float64"]),
    st.sampled_from(["contiguous", "transposed", "sliced"]), st.booleans(), st.integers(0, 999),
)  # fmt: skip
def test_tensors_give_the_exact_product_in_a_new_tensor_or_in_out(torch, m, n, k, dtype, layout, into_out, seed):
    a, b = exact_pair(np.random.default_rng(seed), m, n, k, dtype)
    kind = getattr(torch, dtype)

    def tensor(values):
        x = torch.from_numpy(values).to(kind)
        if layout == "transposed":
            return x.T.contiguous().T
        return torch.cat([x, x.new_full(x.shape, torch.nan)], 1)[:, : x.shape[1]] if layout == "sliced" else x

    out = tensor(np.full((m, n), np.nan)) if into_out else None
    c = matmul(tensor(a), tensor(b), out)
    assert torch.equal(c, torch.from_numpy(a @ b).to(kind))
    assert c is out or (out is None and c.is_contiguous())


def test_a_negated_view_is_read_and_written_as_its_values(torch):
    # torch.imag of a conjugate negates when it is read; its memory holds the opposite sign.
    negated = torch.complex(torch.ones(3, 3), torch.ones(3, 3)).conj().imag
    assert negated.is_neg()
    assert torch.equal(matmul(negated, torch.eye(3)), torch.full((3, 3), -1.0))
    assert torch.equal(matmul(torch.eye(3), torch.eye(3), out=negated), torch.eye(3))


def test_tensors_that_share_memory_with_out_are_read_before_it_is_written(torch):
    a = torch.arange(36.0).reshape(6, 6)
    square = a @ a
    matmul(a.T, a.T, out=a)
    assert torch.equal(a, square.T)


def test_a_backward_pass_notices_that_out_was_overwritten(torch):
    weight, values = torch.ones(2, 2, requires_grad=True), torch.ones(2, 2)
    loss = (weight * values).sum()  # its gradient needs the values as they are now
    matmul(torch.eye(2), torch.eye(2), out=values)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_tensors_that_require_a_gradient_are_fine_where_none_is_recorded(torch):
    weight = torch.eye(2, requires_grad=True)
    with torch.no_grad():
        assert torch.equal(matmul(weight, weight), torch.eye(2))
    with torch.inference_mode():
        assert torch.equal(matmul(weight, weight, out=torch.empty(2, 2)), torch.eye(2))


# --- refusals ------------------------------------------------------------------------------------------------------

f32, f64 = (np.ones((3, 4), dtype) for dtype in (np.float32, np.float64))
READ_ONLY = np.ones((3, 3), np.float32)
READ_ONLY.flags.writeable = False
SHARED = np.lib.stride_tricks.as_strided(np.ones(9, np.float32), (3, 3), (4, 4))

REFUSED = {
    "a list": ([[1.0]], f32, None, TypeError, ["a must be", "list", "np.asarray(a)"]),
    "a sparse matrix": (f32, SimpleNamespace(toarray=None), None, TypeError, ["b must be", "b.toarray()"]),
    "integers": (f32.astype(int), f32.T, None, TypeError, ["a is int64[3, 4]", "a.astype(np.float64)"]),
    "complex numbers": (f32, f32.T.astype(complex), None, TypeError, ["b is complex128[4, 3]"]),
    "objects": (f32.astype(object), f32.T, None, TypeError, ["a is object[3, 4]"]),
    "the other byte order": (f32, f32.T.astype(">f4"), None, TypeError, ["b is >f4[4, 3]"]),
    "a mask": (np.ma.masked_array(f32), f32.T, None, TypeError, ["masked", "a.filled(0)"]),
    "two dtypes": (f32, f64.T, None, TypeError, ["float32[3, 4]", "float64[4, 3]", "b.astype(np.float32)"]),
    "an out of another dtype": (f32, f32.T, np.ones((3, 3)), TypeError, ["float32[3, 4]", "out is float64[3, 3]"]),
    "an out that is a list": (f32, f32.T, [], TypeError, ["out must be", "list"]),
    "a vector": (f32, f32[0], None, ValueError, ["b must be 2-D", "float32[4]", "b[:, None]"]),
    "a batch": (f32[None], f32.T, None, ValueError, ["a must be 2-D", "3-D", "float32[1, 3, 4]"]),
    "a number": (np.array(2.0), f64, None, ValueError, ["a must be 2-D", "0-D", "*"]),
    "shapes that fit when b is transposed": (f32, f32, None, ValueError, ["[3, 4]", "(4)", "(3)", "with b.T"]),
    "shapes that fit when a is transposed": (f32, f32[:, :2], None, ValueError, ["[3, 2]", "with a.T"]),
    "shapes that never fit": (f32, np.ones((7, 5), np.float32), None, ValueError, ["[3, 4]", "[7, 5]", "wrong matrix"]),
    "an out of another shape": (f32, f32.T, f32, ValueError, ["out is float32[3, 4]", "[3, 3]"]),
    "a read-only out": (f32, f32.T, READ_ONLY, ValueError, ["out", "read-only"]),
    "an out that overlaps itself": (f32, f32.T, SHARED, ValueError, ["float32[3, 3]", "share memory", "(4, 4)"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_names_what_came_and_what_to_do(name):
    a, b, out, error, words = REFUSED[name]
    before = np.array(out)
    with pytest.raises(error) as refused:
        matmul(a, b, out)
    for word in words:
        assert word in str(refused.value)
    np.testing.assert_array_equal(np.array(out), before)


TENSORS_REFUSED = {
    "a tensor and an array": (
        lambda t: (t.ones(2, 2), np.ones((2, 2))), TypeError, ["torch tensor", "NumPy array"]),
    "an out of the other library": (
        lambda t: (np.ones((2, 2)), np.ones((2, 2)), t.ones(2, 2)), TypeError, ["out is a torch tensor"]),
    "integer tensors": (
        lambda t: (t.ones(2, 2, dtype=t.int8), t.ones(2, 2)), TypeError, ["int8[2, 2]", "a.to(torch.float64)"]),
    "8-bit floats": (
        lambda t: (t.ones(2, 2).to(t.float8_e5m2), t.ones(2, 2)), TypeError, ["float8_e5m2[2, 2]"]),
    "two dtypes": (
        lambda t: (t.ones(2, 2), t.ones(2, 2).bfloat16()), TypeError, ["bfloat16[2, 2]", "b.to(torch.float32)"]),
    "a sparse tensor": (
        lambda t: (t.ones(2, 2).to_sparse(), t.ones(2, 2)), TypeError, ["a is not a dense", "a.to_dense()"]),
    "two devices": (
        lambda t: (t.ones(2, 2), t.ones(2, 2, device="meta")), ValueError, ["cpu", "meta", "b.to(a.device)"]),
    "a device without a kernel": (
        lambda t: (t.ones(2, 2, device="meta"), t.ones(2, 2, device="meta")), ValueError, ["meta", "a.cpu()"]),
    "a gradient": (
        lambda t: (t.ones(2, 2), t.ones(2, 2, requires_grad=True)), ValueError, ["b requires", "b.detach()"]),
    "a vector": (
        lambda t: (t.ones(2), t.ones(2, 2)), ValueError, ["a must be 2-D", "float32[2]"]),
    "shapes that do not fit": (
        lambda t: (t.ones(2, 3), t.ones(4, 2)), ValueError, ["float32[2, 3]", "float32[4, 2]"]),
    "an out of another shape": (
        lambda t: (t.ones(2, 3), t.ones(3, 2), t.ones(3, 3)), ValueError, ["[3, 3]", "[2, 2]"]),
    "an expanded out": (
        lambda t: (t.eye(2), t.eye(2), t.ones(2).expand(2, 2)), ValueError, ["share memory", "(0, 1)"]),
}  # fmt: skip


@pytest.mark.parametrize("name", TENSORS_REFUSED)
def test_a_refusal_of_tensors_names_what_came_and_what_to_do(torch, name):
    arguments, error, words = TENSORS_REFUSED[name]
    with pytest.raises(error) as refused:
        matmul(*arguments(torch))
    for word in words:
        assert word in str(refused.value)


@few
@given(*[st.integers(1, 6)] * 2, *[st.integers(-7, 7)] * 2)
def test_an_out_is_refused_for_overlap_only_if_two_of_its_elements_share_memory(rows, cols, down, right):
    places = [i * down + j * right for i in range(rows) for j in range(cols)]
    buffer = np.zeros(200, np.float32)
    out = np.lib.stride_tricks.as_strided(buffer[100:], (rows, cols), (4 * down, 4 * right))
    a, b = np.ones((rows, 2), np.float32), np.ones((2, cols), np.float32)
    if len(set(places)) < len(places):
        with pytest.raises(ValueError, match="share memory"):
            matmul(a, b, out)
        assert not buffer.any()
    else:
        matmul(a, b, out)
        assert sorted(np.flatnonzero(buffer) - 100) == sorted(places)


# --- imports -------------------------------------------------------------------------------------------------------

HEAVY = "sorted({'numpy', 'numba', 'torch', 'triton', 'altair'} & set(sys.modules))"


def test_importing_the_package_loads_none_of_the_heavy_libraries():
    assert run_python(f"import sys, mlsys_kernels; print({HEAVY})") == "[]"


def test_numpy_arrays_never_load_torch_or_triton():
    code = f"""
import sys
import numpy as np
from mlsys_kernels import matmul
assert matmul(np.ones((2, 3)), np.ones((3, 2)))[1, 1] == 3
print({HEAVY})
"""
    assert run_python(code) == "['numba', 'numpy']"


def test_the_package_names_what_it_offers():
    assert {"matmul", "__version__"} <= set(dir(mlsys_kernels))
    assert mlsys_kernels.matmul is matmul
    with pytest.raises(AttributeError, match=r"'matmull'.*matmul"):
        _ = mlsys_kernels.matmull


# --- the GPU kernel, in Triton's interpreter -------------------------------------------------------------------------

INTERPRETED = """
import torch
from mlsys_kernels.kernels.gpu_gemm import gemm

draw = torch.Generator().manual_seed(0)
checked = 0
for dtype in (torch.float32, torch.float16, torch.float64):
    for m, n, k in ((1, 1, 1), (5, 7, 3), (64, 64, 64), (70, 65, 33), (130, 129, 70), (4, 5, 0), (0, 3, 2)):
        a = torch.randint(-4, 5, (k, m), generator=draw).to(dtype).T
        b = torch.randint(-4, 5, (k, 2 * n), generator=draw).to(dtype)[:, 1::2]
        memory = torch.full((n, m + 3), torch.nan, dtype=dtype)
        c = memory[:, :m].T
        gemm(a, b, c)
        assert torch.equal(c, (a.double() @ b.double()).to(dtype)), (dtype, m, n, k)
        assert memory[:, m:].isnan().all(), "written beside c"
        checked += 1
x = torch.randint(-4, 5, (70, 70), generator=draw).float()
square = x @ x
gemm(x, x, x)
assert torch.equal(x, square), "c shares memory with a and b"
x = torch.ones(3, 3)
x[1, 2] = torch.inf
c = torch.empty(3, 3)
gemm(x, torch.eye(3), c)
assert c[0].tolist() == [1, 1, 1] and c[1, 2] == torch.inf and c[1, :2].isnan().all(), "inf * 0 is NaN"
print(checked)
"""


def test_the_gpu_kernel_is_exact_for_ragged_strided_empty_and_overlapping_matrices():
    pytest.importorskip("triton")
    assert run_python(INTERPRETED, TRITON_INTERPRET="1") == "21"


COMPILED = """
import torch
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile

from mlsys_kernels.kernels.gpu_gemm import CONFIG, GROUP_M, matmul_kernel

names = matmul_kernel.arg_names
for capability, dtype, pointer, instruction in (
    (90, torch.float16, "*fp16", "wgmma"),
    (80, torch.float32, "*fp32", "fma.rn.f32"),
):
    config = dict(CONFIG[dtype])
    options = {name: config.pop(name) for name in ("num_warps", "num_stages")}
    constants = {**config, "GROUP_M": GROUP_M, "ACC": tl.float32}
    types = {n: "constexpr" if n in constants else pointer if n.endswith("_ptr") else "i32" for n in names}
    source = ASTSource(matmul_kernel, types, {(names.index(n),): value for n, value in constants.items()})
    ptx = compile(source, target=GPUTarget("cuda", capability, 32), options=options).asm["ptx"]
    print(instruction in ptx, "tf32" in ptx)
"""


def test_the_gpu_kernel_compiles_to_tensor_cores_and_never_to_tf32(tmp_path):
    pytest.importorskip("triton")
    assert run_python(COMPILED, TRITON_CACHE_DIR=str(tmp_path)).split("\n") == ["True False"] * 2
