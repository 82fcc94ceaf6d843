"""Helpers for the tests of the analysis: return facts about short scripts."""

import ast
from textwrap import dedent

from sweepwright.core.compiler.trial_analysis.analyze import analyze_source
from sweepwright.core.compiler.trial_analysis.facts import Facts

IMPORT = "import sweepwright.trial as nni\n"


def facts(text: str) -> Facts:
    """Analyze a script in which the trial API is imported as `nni`."""
    text = IMPORT + dedent(text)
    found = analyze_source(text, ast.parse(text))
    assert found is not None
    return found


def required_keys(text: str) -> list[str]:
    """List the keys that every run of a script reads, and without which the run fails."""
    return [".".join(read.path) for read in facts(text).reads if read.required]


def keys_read(text: str) -> list[str]:
    """List the keys that a script may read; a star represents arbitrary keys."""
    found = facts(text)
    opened = [".".join((*path, "*")) for path in found.escaped]
    read = [".".join(read.path) for read in found.reads]
    return sorted({*read, *(path for path in opened if path.removesuffix(".*") not in read)})
