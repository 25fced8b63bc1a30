"""Write docs/mutants.md: every known mistake, the case that kills it, and the cause that it is given.

python tests/mutant_table.py
"""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
TARGET = TESTS.parent / "docs" / "mutants.md"


def table() -> str:
    """The page, made from the docstrings in tests/mutants."""
    lines = [
        "# The known mistakes",
        "",
        "Each file in `tests/mutants` is a wrong solution that a learner could write. `make test` grades every one:",
        "the case named here must fail, with this cause. `python tests/mutant_table.py` writes this page.",
        "",
        "| mutant | the mistake | killed by | cause | named |",
        "|---|---|---|---|---|",
    ]
    for path in sorted((TESTS / "mutants").glob("*.py")):
        statement = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        said = dict(re.findall(r"^(Caught by|Cause|Diagnosis): (.+)$", statement, re.MULTILINE))
        mistake = statement.partition("\n")[0].replace("|", "\\|")
        named = said.get("Diagnosis", "").replace("|", "\\|")
        lines.append(f"| {path.stem} | {mistake} | {said['Caught by']} | {said.get('Cause', '')} | {named} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(table(), encoding="utf-8")
