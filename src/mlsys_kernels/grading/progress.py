"""How far a learner is: one line per exercise, a bar over the course, and the file to open next."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlsys_kernels.course.catalog import CATALOG
from mlsys_kernels.course.spec import Figure
from mlsys_kernels.grading.result import standing
from mlsys_kernels.grading.verdict import CaseResult, Message

BAR = 30
"""Characters of the progress bar."""
_COLOUR = {"passed": "green", "failed": "red", "error": "red", "todo": "yellow", "not-run": "cyan"}


def to_plain(result: CaseResult) -> dict[str, Any]:
    """A result as dictionaries, lists, strings and numbers."""
    return asdict(result)


def from_plain(plain: dict[str, Any]) -> CaseResult:
    """The inverse of `to_plain`, also after a trip through JSON (where tuples become lists)."""
    message = plain["message"]
    if message is not None:
        message = Message(**(message | {"trace": tuple(message["trace"]), "picture": tuple(message["picture"])}))
    figure = Figure(**plain["figure"]) if plain["figure"] is not None else None
    return CaseResult(**(plain | {"message": message, "figure": figure}))


def summary(files: Mapping[str, Mapping[str, CaseResult]]) -> Iterator[tuple[str, dict[str, bool]]]:
    """Lines for the end of a run, each with pytest's markup. `files` maps a file's path to its results by case."""
    width = max(len(path) for path in files)
    for path in sorted(files):
        results = files[path]
        word = standing(list(results.values()))
        passed = sum(result.verdict == "passed" for result in results.values())
        missing = [result for result in results.values() if result.verdict == "not-run"]
        first = next((r for r in results.values() if r.verdict in ("failed", "error")), None)
        text = f"{path:<{width}}  {word:<8} {passed:>3} of {len(results)} cases"
        if first is not None and first.message is not None:
            text += f"   {first.case}: {first.message.what}"[:90]
        elif missing:
            text += f"   {len(missing)} not run: {missing[0].reason}"[:100]
        yield text, {_COLOUR[word]: True}
        yield from _alike(results)
        if len(files) == 1:
            yield from _counted(results)
    yield from _bar(files)


def _counted(results: Mapping[str, CaseResult]) -> Iterator[tuple[str, dict[str, bool]]]:
    """Under a file that is graded alone: what was counted in the technique checks that it passed."""
    for result in results.values():
        if result.verdict == "passed" and result.figure is not None:
            yield f"    {result.case}: {result.figure.told}", {}


def _alike(results: Mapping[str, CaseResult]) -> Iterator[tuple[str, dict[str, bool]]]:
    """Under a file: the failed cases by likely cause, when more than one case has failed."""
    causes: dict[str, list[str]] = {}
    for result in results.values():
        if result.verdict in ("failed", "error") and result.message is not None:
            causes.setdefault(re.sub(r"\d+", "0", result.message.cause), []).append(result.case)
    for names in causes.values():
        if len(names) > 1:
            rest = ", ".join(names[1:])
            yield f"    as {names[0]}: {rest if len(rest) <= 100 else rest[:97] + '...'}", {}


def _bar(files: Mapping[str, Mapping[str, CaseResult]]) -> Iterator[tuple[str, dict[str, bool]]]:
    """The bar counts the course, so it is shown where the learner's own folder was graded as a whole."""
    order = {exercise.file: exercise for exercise in CATALOG}
    mine = {Path(path).name: path for path in files if Path(path).parent.name == "exercises"}
    if len(mine) < len(files):
        return
    done = [name for name, path in mine.items() if standing(list(files[path].values())) == "passed"]
    mine = {name: path for name, path in mine.items() if standing(list(files[path].values())) != "not-run"}
    if len(mine) > 1:
        filled = round(BAR * len(done) / len(mine))
        yield "", {}
        yield f"[{'#' * filled}{'-' * (BAR - filled)}] {len(done)} of {len(mine)} exercises done", {"bold": True}
    for name, exercise in order.items():
        if name in mine and standing(list(files[mine[name]].values())) not in ("passed", "not-run"):
            word = standing(list(files[mine[name]].values()))
            verb = "start with" if word == "todo" and not done else "next: write" if word == "todo" else "next: mend"
            yield f"{verb} {mine[name]} ({exercise.concept}), then: pytest {mine[name]}", {"bold": True}
            return
    later = [name for name in order if name > max(mine, default="")]
    if len(done) == len(mine) == 1 and later:
        following = Path(mine[done[0]]).with_name(later[0])
        yield f"done; next: {following} ({order[later[0]].concept})", {"bold": True}
