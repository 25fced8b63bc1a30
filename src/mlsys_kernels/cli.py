"""mlk: grade a file, measure the ladder, report on it. This file parses and calls; the work is done elsewhere.

Exit codes: 0 fine, 1 a contestant was wrong or did not answer, 2 bad input, 3 the run itself broke, 130 interrupted.
`mlk inspect`: 0 fine, 1 the compiler refuses, 2 bad options, 3 todo, 4 the file cannot be read, 5 this machine cannot.
`mlk trace`: 0 fine, 1 the answer is wrong or missing; 2, 3, 4 and 5 as `mlk inspect`.
`mlk grade`: 0 passed, 1 failed, 2 bad options, 3 todo, 4 the file cannot be read or the exercise is unknown, 5 the
grader itself is at fault or this machine cannot grade the exercise.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from mlsys_kernels import __version__

if TYPE_CHECKING:
    from mlsys_kernels.report.compare import Comparison
    from mlsys_kernels.report.model import Model

# The commands import what they need when they run: `mlk --help` must not wait for numpy.
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def main() -> None:
    """Run the console command `mlk`."""
    app(prog_name="mlk")


def _version(asked: bool) -> None:
    if asked:
        print(f"mlsys-kernels {__version__}")
        raise typer.Exit


@app.callback()
def _mlk(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A gym for matrix-multiplication kernels."""


def _refuse(command: str, why: object, code: int = 2) -> NoReturn:
    print(f"mlk {command}: {why}", file=sys.stderr)
    raise typer.Exit(code)


@app.command()
def bench(
    rung: Annotated[
        list[str] | None,
        typer.Argument(help="Rungs to time, such as 06 or 06_tiled; none means all.", metavar="[RUNG]..."),
    ] = None,
    sizes: Annotated[
        str | None, typer.Option(help="64:1024 doubles from 64 to 1024; 64,100,512 is a list.", metavar="SIZES")
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Where the record goes (default: .mlsys/runs/TIME.json).", metavar="FILE")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Sizes up to 512, less time for each.")] = False,
) -> None:
    """Time the ladder: solutions, your files that pass, NumPy and torch, side by side on one thread."""
    import time

    from rich.console import Console

    from mlsys_kernels.bench import plan, run
    from mlsys_kernels.course.files import find_gym, gym_or_package

    here = Path.cwd()
    try:
        rungs = tuple(plan.find_rung(text).slug for text in rung or ())
        if sizes is not None:
            plan.parse_sizes(sizes)
    except plan.BadPlanError as error:
        _refuse("bench", error)
    gym = gym_or_package(here)
    record = json or (find_gym(here) or here) / ".mlsys" / "runs" / f"{time.strftime('%Y-%m-%d-%H%M%S')}.json"
    if record.is_dir():
        _refuse("bench", f"{record} is a folder; --json names a file")
    request = run.Request(run.find_benchmarks(gym), gym, rungs, sizes, quick)
    try:
        ended = run.run(request, record.absolute(), Console(stderr=True))
    except run.StoppedError:
        _refuse("bench", "stopped; nothing was written", code=130)
    except OSError as error:
        _refuse("bench", f"{record} cannot be written: {error.strerror or error}")
    for failure in ended.failures:
        print(failure, file=sys.stderr)
    if ended.code not in (0, 1):
        _refuse("bench", f"pytest ended with exit code {ended.code}; its last lines:\n{ended.output}", code=3)
    if not ended.written:
        _refuse("bench", "nothing could be timed, so nothing was written", code=1)
    _show(*_read("bench", record, None))
    print(f"record: {record}\npage:   mlk report {record} --out reports")
    raise typer.Exit(ended.code)


@app.command()
def grade(
    file: Annotated[Path, typer.Argument(help="The file to grade; its name does not matter.", metavar="FILE")],
    exercise: Annotated[
        str | None,
        typer.Option(help="What it answers, such as 06_tiled (default: from its name).", metavar="NAME"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object, whatever happens.")] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Repeat the grading that printed this seed.", metavar="N")
    ] = None,
    case_seconds: Annotated[float, typer.Option(help="CPU seconds that one case may take.", metavar="S")] = 60.0,
    require_isolation: Annotated[
        str, typer.Option(help="strong, medium or basic: refuse to run the file on less.", metavar="LEVEL")
    ] = "basic",
) -> None:
    """Grade one file from anywhere, in isolation: only its bytes count, nothing beside it is read or run."""
    from mlsys_kernels.grading import command

    if not 0 < case_seconds < float("inf"):
        _refuse("grade", "--case-seconds needs a positive number of seconds, such as 60")
    if require_isolation not in command.LEVELS:
        _refuse("grade", f"--require-isolation is one of {', '.join(command.LEVELS)}, not {require_isolation}")
    request = command.Request(file, exercise, seed, case_seconds, require_isolation)
    try:
        raise typer.Exit(command.run(request, as_json=json))
    except KeyboardInterrupt:
        _refuse("grade", "stopped; there is no verdict", code=130)


@app.command()
def doctor() -> None:
    """Say what this machine can do for grading: isolation as tried, tools, and a grading of known files."""
    from mlsys_kernels.grading import doctor

    raise typer.Exit(doctor.run())


@app.command()
def inspect(
    what: Annotated[str, typer.Argument(help="An exercise of yours, such as 21, or a path.", metavar="NUMBER|FILE")],
    target: Annotated[str, typer.Option(help="sm_80, sm_90, sm_100 or gfx942.", metavar="CHIP")] = "sm_90",
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare with other options, such as num_stages=4,num_warps=8; twice at most.", metavar="K=V"
        ),
    ] = None,
    ptx: Annotated[bool, typer.Option("--ptx", help="Print the whole listing instead: PTX, or AMD's.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    exercise: Annotated[
        str | None, typer.Option(help="What the file answers (default: from its name).", metavar="NAME")
    ] = None,
    seconds: Annotated[float, typer.Option(help="CPU seconds that it may take.", metavar="S")] = 60.0,
) -> None:
    """Show what a GPU's compiler makes of a Triton kernel; no GPU is needed, and nothing is launched."""
    from mlsys_kernels.tracing import inspect_command

    if not 0 < seconds <= 3600:
        _refuse("inspect", "--seconds needs a number of seconds from 0 to 3,600, such as 60")
    if ptx and json:
        _refuse("inspect", "--ptx and --json exclude each other")
    request = inspect_command.Request(what, exercise, target, tuple(what_if or ()), seconds)
    try:
        style: inspect_command.Style = "json" if json else "assembly" if ptx else "text"
        raise typer.Exit(inspect_command.run(request, Path.cwd(), style))
    except KeyboardInterrupt:
        _refuse("inspect", "stopped; nothing was kept", code=130)


@app.command()
def trace(
    what: Annotated[str, typer.Argument(help="An exercise of yours, such as 21, or a path.", metavar="NUMBER|FILE")],
    svg: Annotated[Path | None, typer.Option(help="Write the picture into this file too.", metavar="FILE")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the counts as one JSON object.")] = False,
    exercise: Annotated[
        str | None, typer.Option(help="What the file answers (default: from its name).", metavar="NAME")
    ] = None,
    case_seconds: Annotated[float, typer.Option(help="CPU seconds that it may take.", metavar="S")] = 60.0,
) -> None:
    """Draw what a kernel does to memory: how often each element is read, which program writes it, cache misses."""
    from mlsys_kernels.grading import trace_command

    if not 0 < case_seconds < float("inf"):
        _refuse("trace", "--case-seconds needs a positive number of seconds, such as 60")
    try:
        request = trace_command.Request(what, exercise, svg, case_seconds)
        raise typer.Exit(trace_command.run(request, Path.cwd(), as_json=json))
    except KeyboardInterrupt:
        _refuse("trace", "stopped; nothing was kept", code=130)


@app.command()
def start() -> None:
    """Say what to write next: the first exercise with an open gap, the line, the command."""
    from mlsys_kernels.course.files import find_gym, first_gap

    gym = find_gym(Path.cwd())
    if gym is None:
        _refuse("start", "this folder is no gym: go to your clone of the repository, where pyproject.toml is")
    gap = first_gap(gym)
    if gap is None:
        print("No gap is left. Grade everything:  pytest")
        return
    path, line = gap
    name, pytest = path.relative_to(gym), Path(sys.executable).with_name("pytest")
    pytest = pytest.relative_to(gym) if pytest.is_relative_to(gym) else pytest
    print(f"open    {name}, line {line}: in place of that line, write what the docstring asks for")
    print(f"grade   {pytest} {name}")


@app.command()
def report(
    run: Annotated[
        Path, typer.Argument(help="A record that `mlk bench` or `pytest benchmarks` wrote.", metavar="RUN.json")
    ],
    other: Annotated[
        Path | None, typer.Argument(help="An earlier record to compare with.", metavar="[OTHER.json]")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write report.md and index.html into this folder.", metavar="DIR")
    ] = None,
) -> None:
    """Show a run in the terminal; with --out, write it as Markdown and as one page that needs no network."""
    model, comparison = _read("report", run, other)
    written: tuple[Path, ...] = ()
    if out is not None:
        from mlsys_kernels.report.write import write_report

        try:
            written = write_report(model, comparison, out)
        except OSError as error:
            _refuse("report", f"{out} cannot be written: {error.strerror or error}; what was there is unchanged")
    _show(model, comparison)
    for path in written:
        print(f"written: {path}")


def _read(command: str, run: Path, other: Path | None) -> "tuple[Model, Comparison | None]":
    from mlsys_kernels.report.compare import compare
    from mlsys_kernels.report.model import Model
    from mlsys_kernels.report.read import BadRunError, read_run

    try:
        model = Model(read_run(run))
        return model, None if other is None else compare(model, Model(read_run(other)))
    except BadRunError as error:
        _refuse(command, error)


def _show(model: "Model", comparison: "Comparison | None") -> None:
    from rich.console import Console

    from mlsys_kernels.report.terminal import report as show

    show(model, comparison, Console())
