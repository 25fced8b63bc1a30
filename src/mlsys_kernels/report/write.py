"""Write the report's files: first all of them beside their places, then each into its place."""

import contextlib
import os
import tempfile
from pathlib import Path

from mlsys_kernels.report.compare import Comparison
from mlsys_kernels.report.markdown import markdown
from mlsys_kernels.report.model import Model
from mlsys_kernels.report.page import page


def write_report(model: Model, comparison: Comparison | None, folder: Path) -> tuple[Path, Path]:
    """Write report.md and index.html into `folder`, which is made if needed; returns their paths.

    An earlier report stays as it is until both new files are complete on the disk.

    Raises:
        OSError: the folder or the files cannot be written.
    """
    report, index = folder / "report.md", folder / "index.html"
    texts = {report: markdown(model, comparison), index: page(model, comparison)}
    folder.mkdir(parents=True, exist_ok=True)
    finished: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f".{path.name}-")
            finished[path] = Path(temporary)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            finished[path].chmod(0o644)  # mkstemp makes files that only their owner reads
        for path, complete in finished.items():
            complete.replace(path)
    finally:
        for left in finished.values():
            with contextlib.suppress(OSError):
                left.unlink()
    return report, index
