"""Sweeps that the tests of the checks compile: a script, its space, and overrides."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.diagnostics import CompileError
from tests.core.stub_plugins import registry

SPACE = "space: {learning_rate: 'uniform(0, 1)', layers: 'int(1, 30)'}"
HEADER = """
# @package _global_
defaults:
  - override /space: null
  - override /trial: null
  - override /framework: python
trial: {name: own, entries: {python: train.py}}
"""
READS_BOTH = """
import sweepwright.trial as nni
p = nni.get_next_parameter()
nni.report_final_result(p["learning_rate"] / p["layers"])
"""
REPORT = "\nnni.report_final_result(1)"
BOTH = "p['layers'], p['learning_rate']"


def codes(*overrides: str, files: dict[str, str] | None = None, sweep: str = "") -> Sequence[str]:
    """Compile a sweep of a script and two parameters, and list the codes of its findings."""
    for name, text in {"train.py": READS_BOTH, **(files or {})}.items():
        Path(name).write_text(dedent(text).lstrip())
    own = sweep if "space:" in sweep else f"{SPACE}\n{dedent(sweep)}"
    Path("experiment").mkdir(exist_ok=True)
    Path("experiment/own.yaml").write_text(f"{HEADER.lstrip()}{dedent(own)}")
    return found("+experiment=own", *overrides)


def found(*overrides: str) -> Sequence[str]:
    try:
        return [d.code.value for d in compile_sweep(overrides, registry(), Path()).warnings]
    except CompileError as error:
        return [d.code.value for d in error.diagnostics]


def script(body: str) -> dict[str, str]:
    return {"train.py": f"import sweepwright.trial as nni\np = nni.get_next_parameter()\n{body}\n"}
