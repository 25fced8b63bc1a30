"""Options and fixtures of the benchmarks; the measuring itself is mlsys_kernels.bench."""

import importlib.util
import json
from pathlib import Path

import pytest

from mlsys_kernels.bench import plan
from mlsys_kernels.bench.ladder import Ladder
from mlsys_kernels.bench.records import run_record, stable_machine_info
from mlsys_kernels.bench.threads import usable_cores
from mlsys_kernels.course.files import gym_or_package

LADDER = pytest.StashKey[Ladder]()


def pytest_addoption(parser):
    """What `mlk bench` passes on."""
    group = parser.getgroup("ladder", "mlsys-kernels: the benchmarks of the ladder")
    group.addoption("--rung", action="append", metavar="RUNG", help="only this rung and what it is compared with")
    group.addoption("--sizes", metavar="64:1024", help="doubling from 64 to 1024, or a list: 64,100,512")
    group.addoption("--quick", action="store_true", help="small sizes, less time for each")
    group.addoption("--slow", action="store_true", help="also measure the commands themselves (minutes)")
    group.addoption("--events", metavar="FILE", help="append what happens to FILE, one JSON object per line")


def tell(config, **event):
    """Append an event for `mlk bench`, if it listens."""
    path = config.getoption("--events")
    if path is not None:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")


def announce(config, step, text):
    """Say what happens next: to `mlk bench`, or else on the terminal."""
    tell(config, step=step, text=text)
    if config.getoption("--events") is None and step != "check" and config.getoption("verbose") >= 0:
        with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            terminal = config.pluginmanager.getplugin("terminalreporter")
            terminal.ensure_newline()
            terminal.write_line(text)


def planned(config):
    """The (n, contestant) pairs that the options ask for."""
    quick = config.getoption("--quick")
    sizes = plan.parse_sizes(config.getoption("--sizes") or (plan.QUICK_SIZES if quick else plan.FULL_SIZES))
    rungs = [plan.find_rung(text) for text in config.getoption("--rung") or ()] or plan.ladder()
    torch = importlib.util.find_spec("torch") is not None
    field = plan.contestants(gym_or_package(Path.cwd()), rungs, torch, usable_cores())
    return [(n, c) for n in sizes for c in field if plan.takes_part(c, n, sizes)]


def pytest_configure(config):
    """Refuse options that make no sense before anything runs."""
    # A contestant that gets no number does not use the fixture, which is no news.
    config.addinivalue_line("filterwarnings", "ignore:Benchmark fixture was not used at all")
    try:
        planned(config)
    except plan.BadPlanError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_ignore_collect(collection_path, config):
    """The commands themselves are measured on request only: --slow, or the file's name on the command line."""
    if collection_path.name == "test_overheads.py" and not config.getoption("--slow"):
        return True if not any("test_overheads" in argument for argument in config.args) else None
    return None


def pytest_generate_tests(metafunc):
    """One test for each contestant at each size; the contestants of a size follow each other."""
    if "contestant" in metafunc.fixturenames:
        cells = planned(metafunc.config)
        names = [(n, c.name) for n, c in cells]  # plain values: pytest-benchmark writes them into its JSON
        metafunc.parametrize(("n", "contestant"), names, ids=[f"n{n}-{name}" for n, name in names])


@pytest.fixture(scope="session")
def ladder(request):
    """The run: whatever was selected of each size is measured together."""
    config = request.config
    callspecs = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    selected = {(params["n"], params["contestant"]) for params in callspecs if "contestant" in params}
    field = {}
    for n, contestant in planned(config):
        if (n, contestant.name) in selected:
            field.setdefault(n, []).append(contestant)
    run = Ladder(
        {n: tuple(contestants) for n, contestants in field.items()},
        plan.QUICK if config.getoption("--quick") else plan.FEW if config.getoption("--rung") else plan.FULL,
        announce=lambda step, text: announce(config, step, text),
    )
    config.stash[LADDER] = run
    config.add_cleanup(run.close)  # also when the session ends in an error
    return run


def pytest_collection_finish(session):
    """Say how many tests there are."""
    tell(session.config, tests=len(session.items))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Say how a test ended."""
    report = yield
    if report.when == "call" or (report.when == "setup" and not report.passed):
        why = str(report.longrepr) if report.failed else ""
        tell(item.config, done=item.nodeid, outcome=report.outcome, why=why)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(machine_info):
    """Make two runs on one machine say that they are on one machine."""
    stable_machine_info(machine_info)


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_json(config, output_json):
    """Add the run's own record."""
    run = config.stash.get(LADDER, None)
    if run is not None:
        cpu = output_json["machine_info"].get("cpu", {}).get("brand_raw")
        output_json["mlsys"] = run_record(cpu, run.pools, run.pace, run.notes())
