"""The pytest plugin: in a gym it collects exercise files and shows their verdicts; it decides nothing itself.

A gym is a folder whose pytest configuration says `mlsys_gym = true`; elsewhere the plugin does nothing. There, every
file whose name is in the catalog becomes one item per case, and *no other* plugin collects it: pytest would otherwise
import a file that is named on the command line, and the learner's code would run inside pytest.
"""

import json
import re
from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlsys_kernels.course.catalog import BY_FILE
from mlsys_kernels.course.spec import Case, Exercise
from mlsys_kernels.grading import progress
from mlsys_kernels.grading.grade import CASE_SECONDS, FileGrader, fresh_seed
from mlsys_kernels.grading.isolation import LEVELS, at_least
from mlsys_kernels.grading.result import summarize, write_atomically
from mlsys_kernels.grading.sandbox import GraderFaultError, zygote
from mlsys_kernels.grading.verdict import CaseResult

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

STATUS = {"todo": ("todo", "t", "TODO"), "not-run": ("not run", "n", "NOT RUN"), "error": ("failed", "E", "ERROR")}
"""How a verdict is counted and shown; passed and failed are pytest's own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the gym's key and options."""
    parser.addini("mlsys_gym", "this folder is a gym: grade the exercise files in it", type="bool", default=False)
    group = parser.getgroup("mlsys-kernels")
    group.addoption("--strict-todo", action="store_true", help="an exercise that is still todo fails")
    group.addoption("--kernel-seed", type=int, metavar="N", help="draw the same inputs as a run that printed this seed")
    group.addoption(
        "--case-seconds", type=float, default=CASE_SECONDS, metavar="S", help="CPU seconds of one case (default: 60)"
    )
    group.addoption(
        "--require-isolation", choices=LEVELS, default="basic", help="refuse to run files on less than this"
    )
    group.addoption(
        "--json-report", metavar="FILE", help="write the results as `mlk grade --json` prints them, one per file"
    )


def pytest_configure(config: pytest.Config) -> None:
    """In a gym, draw the seed of this run; workers of pytest-xdist inherit it with the options."""
    if config.getini("mlsys_gym"):
        if not 0 < config.option.case_seconds < float("inf"):
            raise pytest.UsageError("--case-seconds needs a positive number of seconds, such as 60")
        if config.option.kernel_seed is not None and config.option.kernel_seed < 0:
            raise pytest.UsageError("--kernel-seed needs a whole number from 0 on, as an earlier run printed it")
        if config.option.kernel_seed is None:
            config.option.kernel_seed = fresh_seed()
        wanted = config.option.require_isolation
        if wanted != "basic" and not at_least((kept := zygote("cpu").isolation).level, wanted):
            raise pytest.UsageError(f"this machine isolates a file only so far: {kept.text()}; {wanted} is required")
        config.pluginmanager.register(Gym(config), "mlsys-gym")


class VerdictError(Exception):
    """Carries a result that is not a pass from an item's run to its report."""

    def __init__(self, result: CaseResult) -> None:
        super().__init__(result)
        self.result = result


class ExerciseFile(pytest.File):
    """One exercise file; it owns the grader, and so the worker process, of its cases."""

    exercise: Exercise
    grader: FileGrader | None = None
    told: dict[str, str]

    def collect(self) -> Iterable[pytest.Item]:
        """One item per case; nothing of the file is read here."""
        self.exercise = BY_FILE[self.path.name]
        self.told = {}
        for case in self.exercise.cases:
            yield CaseItem.from_parent(self, name=case.name, case=case)

    def grade(self, case: Case) -> CaseResult:
        """Grade one case in this file's worker."""
        if self.grader is None:
            option = self.config.option
            shown = _shown(self.path, self.config.invocation_params.dir)
            self.grader = FileGrader(self.path, self.exercise, option.kernel_seed, option.case_seconds, shown)
            wanted = option.require_isolation
            if not at_least(self.grader.isolation, wanted):
                raise GraderFaultError(f"{shown} would be isolated only so far: {self.grader.isolation}, not {wanted}")
        return self.grader.grade(case)

    def about(self) -> dict[str, Any]:
        """What was graded, and how well it was kept apart."""
        assert self.grader is not None
        return {"sha256": self.grader.submission.sha256, "isolation": self.grader.isolation}

    def teardown(self) -> None:
        """End the worker when the last case of the file is done, or the run is interrupted."""
        if self.grader is not None:
            self.grader.close()
            self.grader = None


class CaseItem(pytest.Item):
    """One case of one file."""

    parent: ExerciseFile

    def __init__(self, *, case: Case, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.case = case
        self.result: CaseResult | None = None
        self.about: dict[str, Any] = {"sha256": None, "isolation": "basic"}

    def runtest(self) -> None:
        """Grade; anything but a pass is raised, as pytest expects."""
        try:
            self.result = self.parent.grade(self.case)
            self.about = self.parent.about()
        except Exception:
            # A fault of ours: pytest shows its traceback, and the table must not count the file as passed.
            self.result = CaseResult(self.parent.exercise.slug, self.case.name, "error", "grader-fault")
            raise
        if self.result.verdict != "passed":
            raise VerdictError(self.result)

    def is_repeated(self, result: CaseResult) -> bool:
        """Whether an earlier case of the file failed with the same likely cause."""
        cause = re.sub(r"\d+", "0", result.message.cause if result.message else result.reason)
        return self.parent.told.setdefault(cause, result.case) != result.case

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The learner's message in place of a traceback."""
        if not isinstance(excinfo.value, VerdictError):
            return super().repr_failure(excinfo, style)
        result = excinfo.value.result
        if result.message is None:
            return result.reason
        text = result.message.text()
        return f"{text}\n\nprinted by the file:\n{result.output.rstrip()}" if result.output.strip() else text

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """How pytest's header line calls the item."""
        return self.path, None, f"{self.parent.exercise.slug}: {self.case.name}"


def _failed(terminal: "TerminalReporter") -> list[Any]:
    return [report for category in ("failed", "error") for report in terminal.stats.get(category, [])]


def _shown(path: Path, start: Path) -> str:
    """The path as a learner would type it from where pytest was started."""
    return str(path.relative_to(start)) if path.is_relative_to(start) else str(path)


class Gym:
    """The hooks that are at work in a gym only."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.results: dict[str, dict[str, CaseResult]] = {}
        self.about: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> Generator[None, Any, Any]:
        """Take exercise files away from every other collector."""
        others = yield
        return [ExerciseFile.from_parent(parent, path=file_path)] if file_path.name in BY_FILE else others

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the verdict on the report; todo and not-run become skips, for JUnit and every other reader."""
        report = yield
        if isinstance(item, CaseItem) and call.when == "call" and item.result is not None:
            result = item.result
            report.mlsys = progress.to_plain(result)  # type: ignore[attr-defined]
            report.mlsys_file = item.about  # type: ignore[attr-defined]
            skipped = result.verdict == "not-run" or (result.verdict == "todo" and not self.config.option.strict_todo)
            if report.failed and item.is_repeated(result):
                # pytest leaves out of its failures what a debugger has shown already; so the first message of a kind
                # stands alone, and the table at the end lists the cases that fail in the same way.
                report._pdbshown = True  # type: ignore[attr-defined]
            if skipped:
                report.outcome = "skipped"
                report.longrepr = (str(item.path), 0, f"{result.verdict}: {result.reason}")
        return report

    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        """Letters and words of our own for what is neither a pass nor a failure."""
        verdict = getattr(report, "mlsys", {}).get("verdict")
        if report.when != "call" or verdict not in STATUS:
            return None
        if verdict == "todo" and report.outcome == "failed":
            return None
        category, letter, word = STATUS[verdict]
        colour = {"todo": {"yellow": True}, "not-run": {"cyan": True}, "error": {"red": True}}[verdict]
        return category, letter, (word, colour)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the verdicts; with pytest-xdist they arrive from the other processes."""
        plain = getattr(report, "mlsys", None)
        if plain is not None:
            result = progress.from_plain(plain)
            path = report.nodeid.split("::")[0]
            self.results.setdefault(path, {})[result.case] = result
            self.about[path] = vars(report)["mlsys_file"]

    def pytest_report_header(self) -> str:
        """The seed that repeats this run."""
        return f"gym: inputs drawn with --kernel-seed {self.config.option.kernel_seed}"

    def pytest_sessionfinish(self) -> None:
        """Write what `--json-report` asks for, where the results of all processes are."""
        target = self.config.option.json_report
        if target is None or hasattr(self.config, "workerinput"):
            return
        files = []
        for path, results in sorted(self.results.items()):
            exercise = BY_FILE[Path(path).name]
            cases = tuple(case for case in exercise.problem.cases if case.name in results)
            technique = tuple(case for case in exercise.technique if case.name in results)
            planned = replace(exercise, problem=replace(exercise.problem, cases=cases), technique=technique)
            seconds = sum(result.seconds for result in results.values())
            seed = self.config.option.kernel_seed
            graded = summarize(planned, list(results.values()), **self.about[path], seed=seed, seconds=seconds)
            files.append({"file": path} | graded.plain())
        write_atomically(Path(target), json.dumps(files, indent=2, allow_nan=False))

    def pytest_terminal_summary(self, terminalreporter: "TerminalReporter") -> None:
        """One line per exercise, a progress bar, the next file."""
        if not self.results:
            return
        if self.config.option.reportchars == "fE" and all("mlsys" in vars(r) for r in _failed(terminalreporter)):
            terminalreporter.reportchars = ""  # the table below says the same in one line per file
        terminalreporter.section("exercises")
        for line, markup in progress.summary(self.results):
            terminalreporter.line(line, **markup)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Keep all cases of a file on one worker of pytest-xdist, which then loads and compiles it once."""
        if config.getoption("dist", "no") not in ("load", "loadscope"):
            return None
        from xdist.scheduler import LoadFileScheduling

        return LoadFileScheduling(config, log)
