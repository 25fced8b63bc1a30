"""The judge's order of checks, and Freivalds' test: no right product is refused, no wrong one is let through."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsys_kernels.course.problems.matmul import expected_product
from mlsys_kernels.course.problems.operands import exact_pair, operand
from mlsys_kernels.course.spec import Answer, Call, Judged, Large, Mistake
from mlsys_kernels.grading import freivalds
from mlsys_kernels.grading.answers import Foreign, Returned
from mlsys_kernels.grading.judge import Answered, judge

SIZE = st.integers(1, 40)
SEED = st.integers(0, 2**32 - 1)


@settings(max_examples=60)
@given(SEED, SIZE, SIZE, SIZE, st.sampled_from(["a", "b"]))
def test_a_right_product_has_no_wrong_row(seed: int, m: int, n: int, k: int, wide: str) -> None:
    rng = np.random.default_rng(seed)
    a, b = exact_pair(rng, m, n, k, "float32", wide)  # type: ignore[arg-type]

    assert not freivalds.wrong_rows(a, b, a @ b, rng).any()


@settings(max_examples=60)
@given(SEED, SIZE, SIZE, SIZE, st.sampled_from([1e-30, 2.0**-6, 1.0, -3e38, np.nan, np.inf]))
def test_one_wrong_element_is_found_in_its_row(seed: int, m: int, n: int, k: int, error: float) -> None:
    rng = np.random.default_rng(seed)
    a, b = exact_pair(rng, m, n, k, "float32")
    c = a @ b
    i, j = int(rng.integers(m)), int(rng.integers(n))
    c[i, j] = error if c[i, j] + error == c[i, j] else c[i, j] + error

    assert freivalds.wrong_rows(a, b, c, rng).nonzero()[0].tolist() == [i]


def test_values_too_large_for_an_exact_test_are_refused() -> None:
    huge = np.full((64, 64), 2.0**30)
    with pytest.raises(ValueError, match="too large"):
        freivalds.wrong_rows(huge, huge, huge, np.random.default_rng(0))


def test_the_exact_test_is_refused_from_the_first_product_that_float64_may_round() -> None:
    first = -(-(2**53) // freivalds._LARGEST)
    one, rng = np.ones((1, 1)), np.random.default_rng(0)

    with pytest.raises(ValueError, match="too large"):
        freivalds.wrong_rows(first * one, one, first * one, rng)
    assert not freivalds.wrong_rows((first - 1) * one, one, (first - 1) * one, rng).any()
    with pytest.raises(ValueError, match="too large"):  # the same sum, of two terms
        freivalds.wrong_rows(first / 2 * np.ones((1, 2)), np.ones((2, 1)), first * one, rng)


def a_call(m: int = 9, n: int = 7, k: int = 5, library: str = "numpy") -> Call:
    a, b = exact_pair(np.random.default_rng(3), m, n, k, "float32")
    expect = expected_product(a, b, "float32", library, exact=True)  # type: ignore[arg-type]
    args = tuple(operand(x, "float32", "C", library) for x in (a, b))  # type: ignore[arg-type]
    return Call("matmul", args, expect)


def right(call: Call) -> Returned:
    c = call.expect.value.astype(np.float32)  # type: ignore[union-attr]
    return Returned(call.expect.library, "float32", c.shape, c)  # type: ignore[union-attr]


def test_a_right_answer_has_no_finding() -> None:
    call = a_call()

    assert judge(call, Answered(right(call)), []) is None


def test_the_first_mistake_in_the_fixed_order_is_the_verdict() -> None:
    call = a_call()
    value = right(call)
    wrong = Returned("numpy", "float32", value.shape, value.data + 1)
    flags = {"aliased": (0,), "reused": True, "overrun": (1,), "mutated": (0,)}
    words = []
    for _ in range(5):
        found = judge(call, Answered(wrong, **flags), [])  # type: ignore[arg-type]
        assert found is not None
        words.append(found.word)
        if flags:
            flags.pop(next(iter(flags)))

    assert words == ["aliasing", "aliasing", "out-of-bounds", "mutates-input", "wrong-result"]


@pytest.mark.parametrize(
    "value",
    [None, 3, "text", [1, 2], Foreign("matrix", "numpy"), Returned("torch", "float32", (9, 7), np.empty(0)),
     Returned("numpy", "float64", (9, 7), np.empty(0)), Returned("numpy", "float32", (7, 9), np.empty(0)),
     Returned("numpy", "float32", (63,), np.empty(0)), Returned("numpy", ">f4", (9, 7), np.empty(0))],
    ids=repr,
)  # fmt: skip
def test_an_answer_of_another_kind_breaks_the_contract(value: object) -> None:
    found = judge(a_call(), Answered(value), [])

    assert found is not None
    assert found.word == "contract"
    assert found.mistake.name


def test_a_wrong_large_product_is_explained_like_a_small_one() -> None:
    a, b = exact_pair(np.random.default_rng(5), 64, 64, 64, "float32")
    call = Call("matmul", (operand(a, "float32"), operand(b, "float32")), Large(a, b, "float32", "numpy"))
    good = (a @ b).astype(np.float32)
    tail = (a[:, :60] @ b[:60]).astype(np.float32)

    assert judge(call, Answered(Returned("numpy", "float32", (64, 64), good)), []) is None
    found = judge(call, Answered(Returned("numpy", "float32", (64, 64), tail)), [])
    assert found is not None
    assert (found.word, found.mistake.name) == ("wrong-result", "tail-of-k")


@pytest.mark.parametrize(
    ("answered", "names"),
    [({"launches": 0}, "policy"), ({"launches": 1, "loaded": 5, "stored": 63}, "policy"),
     ({"launches": 1, "loaded": 80, "stored": 62}, "policy"), ({"launches": 1, "loaded": 80, "stored": 63}, None),
     ({"launches": None}, None), ({"launches": 2}, None)],
)  # fmt: skip
def test_a_triton_result_needs_a_kernel_that_moved_its_operands(answered: dict[str, int], names: str | None) -> None:
    call = a_call(library="torch")  # 9 x 5 and 5 x 7: 80 elements to load, 63 to store
    found = judge(call, Answered(right(call), **answered), [])  # type: ignore[arg-type]

    assert (found.word if found else None) == names
    assert judge(call, Answered(right(call), **answered), [], launches=False) is None  # type: ignore[arg-type]


def test_a_number_and_a_rule_of_the_problem_are_judged_too() -> None:
    number = Call("flops", (1,), Answer(12, "FLOP", "two for each term"))
    rule = Call("tile_of", (1,), Judged(lambda value: None if value == 3 else Mistake("no", "", "because")))

    assert judge(number, Answered(12), []) is None
    assert judge(rule, Answered(3), []) is None
    for call in (number, rule):
        found = judge(call, Answered(24), [])
        assert found is not None
        assert (found.word, found.mistake.name) == ("wrong-result", "wrong-answer")
