"""A view knows its own elements, whatever its strides."""

import random

import numpy as np
import pytest

from mlsys_kernels.tracing.views import View

BASE, ITEM = 4096, 4


def view(shape: tuple[int, ...], strides: tuple[int, ...]) -> View:
    return View("x", BASE, ITEM, shape, strides, BASE)


def drawn(rng: random.Random) -> tuple[tuple[int, ...], tuple[int, ...]]:
    axes = rng.randint(0, 3)
    return tuple(rng.randint(0, 4) for _ in range(axes)), tuple(
        rng.choice([0, 1, 2, 3, 5, 13, 30]) for _ in range(axes)
    )


@pytest.mark.parametrize("seed", range(200))
def test_a_view_holds_its_elements_and_no_others_unless_its_rows_overlap(seed: int) -> None:
    shape, strides = drawn(random.Random(seed))
    x = view(shape, strides)
    places = {sum(i * s for i, s in zip(index, strides, strict=True)): index for index in np.ndindex(*shape)}
    addresses = BASE + np.arange(-8, 300) * ITEM

    held = [int(address - BASE) // ITEM for address in addresses[x.holds(addresses, ITEM)]]

    if x.has_gaps or x.span == len(places):
        assert held == sorted(places)
    else:
        assert set(places) <= set(held)
        assert held == list(range(x.span))


@pytest.mark.parametrize(
    ("shape", "strides", "element"),
    [((4, 8), (8, 1), "x[1, 3]"), ((8, 4), (1, 8), "x[3, 1]"), ((3, 5), (0, 1), "x[0, 4]"), ((12,), (1,), "x[11]")],
)
def test_an_element_is_called_by_its_indices(shape: tuple[int, ...], strides: tuple[int, ...], element: str) -> None:
    offset = {"x[0, 4]": 4}.get(element, 11)
    assert view(shape, strides).element(BASE + offset * ITEM) == element


def test_an_address_in_the_gap_behind_a_row_is_told_from_the_row_s_last_element() -> None:
    assert view((3, 5), (8, 1)).last_before(BASE + 14 * ITEM) == ("x[1, 4]", 2)


def test_an_element_of_overlapping_rows_is_called_by_its_place_in_memory() -> None:
    assert view((3, 5), (2, 1)).element(BASE + 4 * ITEM) == "element 4 of x"


def test_a_wider_access_must_end_inside_too() -> None:
    last = np.array([BASE + 14 * ITEM])
    assert view((3, 5), (5, 1)).holds_all(last, ITEM)
    assert not view((3, 5), (5, 1)).holds_all(last, 2 * ITEM)
