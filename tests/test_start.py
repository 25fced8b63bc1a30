"""`mlk start` names the first open gap; the course's files are found in a gym and in an installed package."""

import tomllib
from pathlib import Path

import pytest

from mlsys_kernels import cli
from mlsys_kernels.course.files import find_gym, first_gap, gym_or_package

ROOT = Path(__file__).parents[1]


@pytest.fixture
def gym(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest]\nmlsys_gym = true\n")
    (tmp_path / "exercises").mkdir()
    for name in ("01_naive.py", "02_flops_and_bytes.py"):
        (tmp_path / "exercises" / name).write_text((ROOT / "exercises" / name).read_text(encoding="utf-8"))
    return tmp_path


def test_the_first_gap_is_named_with_its_line(gym: Path) -> None:
    gap = first_gap(gym)

    assert gap is not None
    path, line = gap
    assert path == gym / "exercises" / "01_naive.py"
    assert "raise NotImplementedError" in path.read_text(encoding="utf-8").splitlines()[line - 1]


def test_a_written_exercise_is_passed_over(gym: Path) -> None:
    (gym / "exercises" / "01_naive.py").write_text((ROOT / "solutions" / "01_naive.py").read_text(encoding="utf-8"))
    gap = first_gap(gym)

    assert gap is not None
    assert gap[0].name == "02_flops_and_bytes.py"


def test_with_nothing_left_to_write_there_is_no_gap(gym: Path) -> None:
    for path in (gym / "exercises").iterdir():
        path.write_text("x = 1\n")

    assert first_gap(gym) is None


def test_a_gym_is_found_from_below_and_nothing_else_is_one(gym: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "pyproject.toml").write_text("this is not toml")

    assert find_gym(gym / "exercises") == gym.resolve()
    assert find_gym(elsewhere) is None
    assert (gym_or_package(elsewhere) / "solutions" / "01_naive.py").is_file()


def test_start_outside_a_gym_says_where_to_go(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["mlk", "start"])
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert "go to your clone" in capsys.readouterr().err


def test_the_wheel_carries_the_course() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    carried = build["targets"]["wheel"]["force-include"]

    assert carried["exercises"] == "mlsys_kernels/gym/exercises"
    assert carried["solutions"] == "mlsys_kernels/gym/solutions"
