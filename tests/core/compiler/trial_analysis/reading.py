"""What the tests of the reader share."""

import ast
from textwrap import dedent

from sweepwright.core.compiler.trial_analysis.analyze import read_source
from sweepwright.core.compiler.trial_analysis.facts import Facts

IMPORT = "import sweepwright.trial as nni\n"


def facts(text: str) -> Facts:
    """Read a script that has the trial API imported."""
    text = IMPORT + dedent(text)
    found = read_source(text, ast.parse(text))
    assert found is not None
    return found


def needed(text: str) -> list[str]:
    """List what every run of a script reads, and fails without."""
    return [".".join(read.path) for read in facts(text).reads if read.certain]


def seen(text: str) -> list[str]:
    """List what a script reads in any way, with a star where anything below may be read."""
    found = facts(text)
    opened = [".".join((*path, "*")) for path in found.opened]
    read = [".".join(read.path) for read in found.reads]
    return sorted({*read, *(path for path in opened if path.removesuffix(".*") not in read)})
