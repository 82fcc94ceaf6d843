"""Cases of the compiler's findings, read from the Markdown files under `findings/`.

A file holds one theme. Each case is a section of it::

    ## Missing budget

    One or more sentences: why the compiler reports this.

    ```yaml
    # @package _global_
    # overrides: ["tuner=climbing"]
    budget: null
    ```

    ```text
    error[B101]: `tuner=climbing` needs the sweep to have a `budget`
      ...
    ```

The YAML block becomes the file `data/missing_budget.yaml`, named after the heading, in a folder
that also holds the search spaces and trials of `data/`. A line number in the expected text thus
counts the lines of the block. The overrides stand in a comment, so that they count as a line too.

`pytest tests/core/compiler/test_findings.py --update` rewrites the expected texts in place. For a
new case leave the text block empty and run this.
"""

import fcntl
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.diagnostics import CompileError, Diagnostic
from tests.core.stub_plugins import registry

HERE = Path(__file__).parent
FILES = sorted((HERE / "findings").rglob("*.md"))
SECTION = re.compile(
    r"(?P<heading>[^\n]+)\n\n(?P<prose>(?!```)(?:[^\n]+\n)+)\n"
    r"```yaml\n(?P<source>.*?\n)```\n\n```text\n(?P<expected>.*?)```\n*",
    re.DOTALL,
)


@dataclass(frozen=True)
class FindingCase:
    """One section of a Markdown file: a configuration and the findings that it must yield."""

    name: str
    file: Path
    heading: str
    source: str
    expected: str

    @property
    def overrides(self) -> list[str]:
        """Overrides of the command line, from the second line of the block."""
        second = self.source.splitlines()[1]
        given: list[str] = []
        if second.startswith("# overrides:"):
            given = json.loads(second.removeprefix("# overrides:"))
        return given

    def write(self, folder: Path) -> Path:
        """Write the YAML block into `data/` of the folder, as the name of the case says."""
        path = folder / "data" / f"{self.name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.source)
        return path

    @cache  # noqa: B019 - the cases live as long as the process
    def findings(self, folder: Path) -> Sequence[Diagnostic]:
        """Compile the case as `compile` does, once for all tests."""
        return self.compile(folder)

    def compile(self, folder: Path, *overrides: str) -> list[Diagnostic]:
        """Compile the case as it is written in the folder, which must be the current one.

        `overrides` come after those of the case.

        Most cases are about the space or the settings alone. They get an entry that the compiler
        cannot look into, and no budget, lest the default trial have findings of its own.
        """
        others = [] if re.search(r"\btrial\b", self.source) else [OPAQUE_ENTRY]
        others += [] if re.search(r"\bbudget\b", self.source) else ["budget=null"]
        search_path = f"hydra.searchpath=['file://{folder}']"
        try:
            given = [search_path, f"+data={self.name}", *self.overrides, *others, *overrides]
            return compile_sweep(given, registry()).warnings
        except CompileError as error:
            return error.diagnostics

    def update(self, expected: str) -> None:
        """Replace the expected text in the Markdown file, also beside parallel test processes."""
        with self.file.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            text = file.read()
            start = text.index(f"## {self.heading}\n")
            start = text.index("```text\n", start) + len("```text\n")
            end = text.index("```\n", start)
            file.seek(0)
            file.truncate()
            file.write(text[:start] + expected + text[end:])


OPAQUE_ENTRY = "trial.entries.sklearn=sweepwright.trials.noop"


def read_cases(file: Path) -> Iterator[FindingCase]:
    """Yield the cases of a Markdown file; every section of it must be one."""
    for section in re.split(r"^## ", file.read_text(), flags=re.MULTILINE)[1:]:
        match = SECTION.fullmatch(section)
        assert match, f"{file.name}: `{section.splitlines()[0]}` is not a case"
        name = re.sub(r"\W+", "_", match["heading"].lower())
        yield FindingCase(name, file, match["heading"], match["source"], match["expected"])


def lay_out(folder: Path) -> Path:
    """Write all cases, and the files that they refer to, into a folder."""
    shutil.copytree(HERE / "data", folder / "data")
    for case in CASES:
        case.write(folder)
    return folder


CASES = [case for file in FILES for case in read_cases(file)]
