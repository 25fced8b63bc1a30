"""The benchmarks: who is timed, in what order, what is written down, and what happens to those who fail."""

import json
import os
import textwrap
from pathlib import Path

import pytest

from mlsys_kernels.bench import client, plan
from mlsys_kernels.bench.duel import Samples, blocks_for, duel, schedule
from mlsys_kernels.bench.ladder import Correct, Failed, Ladder, NoContestant, Timed
from mlsys_kernels.bench.plan import Contestant, Pace
from mlsys_kernels.bench.records import SCHEMA, record, run_record, stable_machine_info
from mlsys_kernels.bench.replay import ReplayClock
from mlsys_kernels.bench.threads import usable_cores
from mlsys_kernels.course.catalog import BY_FILE, CATALOG
from mlsys_kernels.report.read import KNOWN_SCHEMA

ROOT = Path(__file__).parents[1]
SHORT = Pace(budget_s=0.002, longest_call_s=10.0)
NAIVE = BY_FILE["01_naive.py"]

RIGHT = "import numpy as np\ndef matmul(a, b):\n    return np.einsum('ik,kj->ij', a, b)\n"
WRONG = "def matmul(a, b):\n    c = a.dot(b)\n    c[1, 2] += 1\n    return c\n"
TODO = "def matmul(a, b):\n    raise NotImplementedError('01_naive: write it')\n"


class FakeClock:
    """A clock that moves only when a fake function is called."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[str] = []

    def __call__(self) -> float:
        """Read the clock."""
        return self.now

    def function(self, name: str, seconds: float):
        """A function that takes this long."""

        def call() -> None:
            self.now += seconds
            self.calls.append(name)

        return call


@pytest.fixture
def run_ladder(tmp_path):
    """Run the ladder at one size over files given as text, solutions unless the name says otherwise."""
    ladders = []

    def run(sources: dict[str, str], n: int = 6, timing: bool = True) -> dict[str, object]:
        field = [Contestant("numpy", "library", 4096)]
        for name, source in sources.items():
            path = tmp_path / f"{name.replace(':', '_')}.py"
            path.write_text(source)
            role = "mine" if name.startswith("mine") else "solution"
            field.append(Contestant(name, role, 4096, NAIVE, path))
        ladder = Ladder({n: tuple(field)}, SHORT)
        ladders.append(ladder)
        answers = {contestant.name: ladder.answer(n, contestant.name, timing) for contestant in field}
        answers["ladder"] = ladder
        return answers

    yield run
    for ladder in ladders:
        ladder.close()


def test_a_duel_takes_exactly_the_seconds_that_the_clock_shows():
    clock = FakeClock()
    functions = {"fast": clock.function("fast", 2.0**-7), "slow": clock.function("slow", 2.0**-3)}

    taken = duel(functions, 0.5, 1, clock)

    assert set(taken["fast"].seconds) == {2.0**-7}
    assert set(taken["slow"].seconds) == {2.0**-3}


def test_a_call_shorter_than_a_block_is_repeated_within_it():
    clock = FakeClock()

    taken = duel({"tiny": clock.function("tiny", 2.0**-17)}, 0.01, 1, clock)

    assert taken["tiny"].inner == 131
    assert taken["tiny"].seconds[0] == pytest.approx(2.0**-17)


def test_contestants_take_turns_in_random_order_instead_of_one_after_the_other():
    clock = FakeClock()
    functions = {name: clock.function(name, 0.01) for name in "abc"}

    taken = duel(functions, 0.4, 1, clock, known_s=dict.fromkeys("abc", 0.02))

    rounds = ["".join(clock.calls[i : i + 3]) for i in range(0, len(clock.calls), 3)]
    assert all(sorted(turn) == ["a", "b", "c"] for turn in rounds)
    assert len(set(rounds)) > 1
    assert taken["a"].rounds == taken["b"].rounds == taken["c"].rounds == tuple(range(20))


def test_a_slow_contestant_takes_part_in_some_rounds_spread_over_the_whole_duel():
    turns = list(schedule({"fast": 100, "slow": 4}))

    assert len(turns) == 100
    assert [r for r, names in enumerate(turns) if "slow" in names] == [24, 49, 74, 99]


@pytest.mark.parametrize(("block_s", "blocks"), [(1e-3, 100), (0.02, 15), (0.2, 6), (3.0, 3)])
def test_the_number_of_blocks_fits_the_budget_but_is_never_too_small(block_s, blocks):
    assert blocks_for(block_s, budget_s=0.3) == blocks


def test_the_replay_clock_shows_each_sample_bit_for_bit():
    samples = (0.1, 1e-9, 0.30000000000000004, 7.000000000000001e-05)
    clock = ReplayClock()
    clock.load(samples)
    seen = []
    for _ in samples:
        clock.reset()
        start = clock()
        clock.step()
        seen.append(clock() - start)

    assert tuple(seen) == samples


@pytest.mark.parametrize(
    ("text", "sizes"),
    [("64:512", (64, 128, 256, 512)), ("100", (100,)), ("512,64,100,64", (64, 100, 512)), ("48:100", (48, 96))],
)
def test_sizes_are_a_range_that_doubles_or_a_list(text, sizes):
    assert plan.parse_sizes(text) == sizes


@pytest.mark.parametrize("text", ["", "x", "64:", "0:8", "512:64", "64-512", "-4", "9000", "1,2,", "64:9999999"])
def test_sizes_that_make_no_sense_are_refused(text):
    with pytest.raises(plan.BadPlanError):
        plan.parse_sizes(text)


def test_a_rung_is_found_by_number_or_name_and_an_unknown_one_is_answered_with_the_list():
    assert plan.find_rung("01") == plan.find_rung("01_naive") == plan.find_rung("01_naive.py") == NAIVE
    with pytest.raises(plan.BadPlanError, match="01_naive"):
        plan.find_rung("99")


def test_a_rung_brings_the_solution_that_it_improves_on_and_the_libraries(tmp_path):
    for folder in ("exercises", "solutions"):
        (tmp_path / folder).mkdir()
        for row in CATALOG:
            row.path(tmp_path, folder).write_text(RIGHT)

    names = [contestant.name for contestant in plan.contestants(tmp_path, [plan.find_rung("01")], torch=True, cores=2)]

    assert names == ["numpy", "torch", "python", "solution:01_naive", "mine:01_naive"]


def test_files_that_do_not_exist_are_no_contestants(tmp_path):
    names = [contestant.name for contestant in plan.contestants(tmp_path, plan.ladder(), torch=False, cores=2)]

    assert names == ["numpy", "python"]


def test_plain_python_is_timed_at_64_only_slow_rungs_up_to_their_limit_and_several_threads_from_256():
    python = Contestant("python", "python", 64)
    naive = Contestant("solution:01_naive", "solution", 512)

    assert [n for n in (32, 64, 128) if plan.takes_part(python, n, (32, 64, 128))] == [64]
    parallel = Contestant("solution:09_parallel@2", "solution", 2048, threads=2)
    assert [n for n in (128, 256) if plan.takes_part(parallel, n, (128, 256))] == [256]
    assert [n for n in (256, 512, 1024) if plan.takes_part(naive, n, (256, 512, 1024))] == [256, 512]


def test_a_right_contestant_is_timed_with_one_thread_and_in_another_process(run_ladder, tmp_path):
    source = (
        f"import os\nfrom pathlib import Path\nPath({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n" + RIGHT
    )
    answers = run_ladder({"solution:01_naive": source})

    timed = answers["solution:01_naive"]
    assert isinstance(timed, Timed)
    assert timed.record["flops"] == 2 * 6**3
    assert timed.record["duel"] == answers["numpy"].record["duel"]
    assert len(timed.samples.seconds) == len(timed.record["rounds"]) >= 3
    assert set(answers["ladder"].pools.values()) == {1}
    assert int((tmp_path / "pid").read_text()) != os.getpid()


def test_a_wrong_solution_gets_no_number_and_a_sentence_that_names_an_element(run_ladder):
    answers = run_ladder({"solution:01_naive": WRONG})

    assert isinstance(answers["solution:01_naive"], Failed)
    assert "1 of 36 elements are wrong: C[1, 2]" in answers["solution:01_naive"].why
    assert isinstance(answers["numpy"], Timed)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (TODO, "todo"),
        (WRONG, "does not pass"),
        ("def matmul(a, b:\n", "SyntaxError"),
        ("def multiply(a, b): pass\n", "no attribute 'matmul'"),
        ("def matmul(a, b): return [[1.0]]\n", "returned a list"),
        ("def matmul(a, b): return a.astype('float64') @ b\n", "float64"),
        ("def matmul(a, b): return a[:3] @ b\n", "shape (3, 6)"),
        ("def matmul(a, b): raise SystemExit('enough')\n", "SystemExit: enough"),
    ],
)
def test_a_learners_file_that_is_todo_or_fails_is_left_out_and_is_no_failure(run_ladder, source, words):
    answers = run_ladder({"mine:01_naive": source})

    assert isinstance(answers["mine:01_naive"], NoContestant)
    assert words in answers["mine:01_naive"].why
    assert isinstance(answers["numpy"], Timed)
    assert [note["contestant"] for note in answers["ladder"].notes()] == ["mine:01_naive"]


def test_a_learners_file_that_is_right_here_but_fails_a_case_is_left_out(run_ladder):
    only_square = "def matmul(a, b):\n    return (b.T.dot(a.T)).T.copy() if a.shape == b.shape else None\n"
    answers = run_ladder({"mine:01_naive": only_square})

    assert isinstance(answers["mine:01_naive"], NoContestant)


def test_a_contestant_that_hangs_is_reported_and_the_others_are_timed(run_ladder, monkeypatch):
    monkeypatch.setattr(client, "PRODUCT_SECONDS", 2.0)
    answers = run_ladder({"solution:a": "def matmul(a, b):\n    while True: pass\n", "solution:b": RIGHT})

    assert isinstance(answers["solution:a"], Failed)
    assert "no answer within 2 s" in answers["solution:a"].why
    assert isinstance(answers["solution:b"], Timed)


def test_a_contestant_that_crashes_is_reported_and_the_others_are_timed(run_ladder):
    answers = run_ladder({"solution:a": "import os\ndef matmul(a, b): os.abort()\n", "solution:b": RIGHT})

    assert "SIGABRT" in answers["solution:a"].why
    assert isinstance(answers["solution:b"], Timed)


def test_a_contestant_that_crashes_in_the_middle_of_a_duel_is_the_one_that_is_reported(run_ladder):
    source = """
        import os
        calls = []
        def matmul(a, b):
            calls.append(1)
            if len(calls) > 5:
                os._exit(9)
            return a @ b
    """
    answers = run_ladder({"solution:a": RIGHT, "solution:b": textwrap.dedent(source), "solution:c": RIGHT})

    assert isinstance(answers["solution:b"], Failed)
    assert "exit status 9" in answers["solution:b"].why
    assert all(isinstance(answers[name], Timed) for name in ("numpy", "solution:a", "solution:c"))


def test_a_contestant_that_raises_in_the_middle_of_a_duel_is_left_out_of_it(run_ladder):
    source = (
        "calls = []\ndef matmul(a, b):\n    calls.append(1)\n    assert len(calls) < 5, 'tired'\n    return a @ b\n"
    )
    answers = run_ladder({"solution:a": source, "solution:b": RIGHT})

    assert "AssertionError: tired" in answers["solution:a"].why
    assert isinstance(answers["solution:b"], Timed)


def test_what_a_contestant_prints_does_not_disturb_the_run(run_ladder):
    answers = run_ladder(
        {"solution:a": "import os\nos.write(1, b'MLK1 noise')\n" + RIGHT.replace("return", "print('x')\n    return")}
    )

    assert isinstance(answers["solution:a"], Timed)


@pytest.mark.skipif(usable_cores() < 2, reason="one core has one thread")
def test_a_rung_about_threads_has_all_cores_in_its_own_turns_only(tmp_path):
    field = []
    for threads in (1, 2):
        path = tmp_path / f"on_{threads}.py"
        note = f"open({str(tmp_path / str(threads))!r}, 'a').write(str(numba.get_num_threads()))"
        path.write_text("import numba\n" + RIGHT.replace("return", f"{note}\n    return"))
        field.append(Contestant(f"solution:on_{threads}", "solution", 4096, NAIVE, path, threads))
    ladder = Ladder({6: tuple(field)}, SHORT)
    try:
        answers = [ladder.answer(6, contestant.name) for contestant in field]
    finally:
        ladder.close()

    assert [answer.record["threads"] for answer in answers] == [1, 2]
    assert [set((tmp_path / str(threads)).read_text()) for threads in (1, 2)] == [{"1"}, {"2"}]


def test_without_timing_only_the_product_is_checked(run_ladder):
    answers = run_ladder({"solution:a": RIGHT, "solution:b": WRONG}, timing=False)

    assert isinstance(answers["solution:a"], Correct)
    assert isinstance(answers["solution:b"], Failed)


def test_a_call_that_would_take_too_long_at_the_next_size_is_not_made(tmp_path):
    path = tmp_path / "slow.py"
    path.write_text("import time\n" + RIGHT.replace("return", "time.sleep(0.02)\n    return"))
    slow = Contestant("solution:slow", "solution", 4096, NAIVE, path)
    ladder = Ladder({4: (slow,), 16: (slow,)}, Pace(budget_s=0.002, longest_call_s=0.5))
    try:
        assert isinstance(ladder.answer(4, "solution:slow"), Timed)
        answer = ladder.answer(16, "solution:slow")
    finally:
        ladder.close()

    assert isinstance(answer, NoContestant)
    assert "limit: 0.5 s" in answer.why


def test_a_prediction_that_is_no_positive_number_is_not_written_down(run_ladder):
    sources = {
        f"solution:{i}": f"PREDICTED_SPEEDUP = {value}\n" + RIGHT
        for i, value in enumerate(["12", "2.5", "None", "'ten'", "-1", "float('nan')", "True", "10**400"])
    }
    answers = run_ladder(sources)

    assert [answers[name].record["predicted_speedup"] for name in sources] == [12.0, 2.5] + [None] * 6


def test_records_are_plain_values_and_strict_json():
    samples = Samples((0.5, 0.25, 0.75), (0, 3, 5), 2)
    mine = Contestant("mine:01_naive", "mine", 512, NAIVE, Path("x.py"))

    written = record(mine, (64, 64, 64), samples, "abcd1234", 0.5, 100.0)
    whole = run_record("A CPU", {"numba": 1}, SHORT, [])

    assert json.loads(json.dumps(written, allow_nan=False)) == written
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole
    assert written["gflops"] == 2 * 64**3 / 0.5 / 1e9
    assert (written["speedup_over"], written["predicted_speedup"], written["compile_s"]) == ("python", 100.0, 0.5)
    assert written["bytes"] == 3 * 64 * 64 * 4


def test_writer_and_reader_agree_on_the_schema():
    assert SCHEMA == KNOWN_SCHEMA


def test_the_machine_is_the_same_when_only_its_clock_and_its_name_changed():
    one = {"node": "here", "cpu": {"brand_raw": "X", "hz_actual": [2450000000, 0]}}
    other = {"node": "there", "cpu": {"brand_raw": "X", "hz_actual": [2450001000, 0]}}
    stable_machine_info(one)
    stable_machine_info(other)

    assert one == other == {"cpu": {"brand_raw": "X"}}
