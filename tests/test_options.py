"""Options that make no sense are refused in one line; a fault of the grader itself is never counted as a pass."""

import pytest

from mlsys_kernels.course.catalog import BY_FILE
from mlsys_kernels.grading.result import standing
from mlsys_kernels.grading.verdict import CaseResult
from mlsys_kernels.pytest_plugin import pytest_configure


class Options:
    """As much of pytest's configuration as the plugin reads before it refuses."""

    def __init__(self, **option: object) -> None:
        self.option = type("Option", (), {"kernel_seed": None, "case_seconds": 60.0} | option)

    def getini(self, _name: str) -> bool:
        """Say that this is a gym."""
        return True


@pytest.mark.parametrize(
    "option", [{"case_seconds": 0.0}, {"case_seconds": float("nan")}, {"kernel_seed": -1}], ids=str
)
def test_an_option_that_makes_no_sense_is_refused(option: dict[str, object]) -> None:
    with pytest.raises(pytest.UsageError, match="needs a"):
        pytest_configure(Options(**option))  # type: ignore[arg-type]


def test_a_fault_of_the_grader_is_not_a_pass() -> None:
    slug = BY_FILE["01_naive.py"].slug
    results = {
        "square": CaseResult(slug, "square", "passed"),
        "tall": CaseResult(slug, "tall", "error", "grader-fault"),
    }

    assert standing(list(results.values())) == "error"
