"""The analysis covers what a script imports, and copes with every Python file."""

import ast
import sysconfig
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from textwrap import dedent
from time import process_time

import pytest

from sweepwright.core.compiler.trial_analysis import AnalyzedSource, Facts, analyze_trial
from sweepwright.core.compiler.trial_analysis.analyze import analyze_source
from sweepwright.core.compiler.trial_analysis.imports import MAX_FILES
from sweepwright.core.compiler.trial_analysis.observations import MAX_STEPS
from sweepwright.core.plan.trial_files import locate_module

ROOT = Path(__file__).parents[4]
STANDARD = Path(sysconfig.get_paths()["stdlib"])


def analyze(folder: Path, script: str, **others: str) -> AnalyzedSource | None:
    """Analyze a script in a folder with other files.

    A dash in the name of a file represents a slash.
    """
    for name, text in {"train": script, **others}.items():
        path = folder / f"{name.replace('-', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text))
    return analyze_trial(folder / "train.py", lambda name: locate_module(name, [folder]))


def facts(folder: Path, script: str, **others: str) -> Facts:
    source = analyze(folder, script, **others)
    assert source is not None
    return source.facts


@pytest.mark.parametrize(
    "script",
    [
        "import json, os.path",
        "import sweepwright.trial as nni",
        "from sweepwright.trial import get_next_parameter",
        "import sweepwright as nni",
        "from sweepwright.trials.mnist import data",
        "from sweepwright.reporters.keras import Report",
        "from sweepwright.reporters import sklearn",
        "import numpy as np",
        "from numpy import typing",
        "import plain",
        "from plain import number",
        "import deep.plain",
        "from deep import plain",
        "import round_about",
    ],
)
def test_imports_that_cannot_use_the_api_leave_the_facts_complete(
    tmp_path: Path, script: str
) -> None:
    others = {
        "plain": "number = 3",
        "deep-__init__": "",
        "deep-plain": "from . import other\nfrom .other import x",
        "deep-other": "x = 1",
        "round_about": "import back",
        "back": "import round_about",
    }

    assert not facts(tmp_path, script, **others).api_used_elsewhere


@pytest.mark.parametrize(
    "script",
    [
        "import uses_api",
        "from uses_api import main",
        "import deep.uses_api",
        "from deep import uses_api",
        "from deep.uses_api import main",
        "import indirect",
        "def main():\n    import uses_api",
        "import nowhere_to_be_found",
        "import described",
        "import broken",
        "import copied",
        "import subprocess",
        "import importlib\nimportlib.import_module(name)",
        "import os\nos.system('train.sh')",
        "import starting",
        "import compiled",
        "import nni.retiarii",
        "import helped",
    ],
)
def test_imports_that_may_use_the_api_are_noted(tmp_path: Path, script: str) -> None:
    (tmp_path / "compiled.so").write_bytes(b"")
    others = {
        "uses_api": "import sweepwright.trial as nni",
        "deep-__init__": "",
        "deep-uses_api": "from sweepwright.trial import report_final_result",
        "indirect": "from deep import relative",
        "deep-relative": "from . import uses_api",
        "described": "import os\nx = os.environ['SWEEPWRIGHT_TRIAL']",
        "broken": "def",
        "copied": "'''Inside a sweep SWEEPWRIGHT_REPORTS is set.'''",
        "starting": "import subprocess",
        "helped": "from sweepwright.reporters import pytorch",
    }

    assert facts(tmp_path, script, **others).api_used_elsewhere


def test_modules_beyond_the_limit_are_assumed_to_use_the_api(tmp_path: Path) -> None:
    chain = {f"m{n}": f"import m{n + 1}" for n in range(MAX_FILES + 1)}
    last = {f"m{MAX_FILES + 1}": ""}

    assert facts(tmp_path, "import m0", **chain, **last).api_used_elsewhere
    assert not facts(tmp_path, "import m2", **chain, **last).api_used_elsewhere


@pytest.mark.parametrize("text", ["def", "\0", "x = " + "(" * 500, "-" * 100_000 + "1"])
def test_a_file_that_does_not_parse_has_no_facts(tmp_path: Path, text: str) -> None:
    assert analyze(tmp_path, text) is None


def test_a_file_of_another_encoding_has_no_facts(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_bytes(b"# \xff\n")

    assert analyze_trial(tmp_path / "train.py", lambda _: None) is None


def test_a_script_of_too_many_steps_has_no_facts(tmp_path: Path) -> None:
    assert analyze(tmp_path, "x = 1\n" * MAX_STEPS) is None


def test_a_script_nested_too_deeply_has_no_facts(tmp_path: Path) -> None:
    assert analyze(tmp_path, f"x = {'+'.join('1' * 900)}") is None


@pytest.mark.parametrize("trial", ["noop.py", "mnist/sklearn_mlp.py"])
def test_a_built_in_trial_is_analyzed_in_milliseconds(trial: str) -> None:
    def once() -> float:
        began = process_time()
        analyze_trial(ROOT / "trials" / trial, lambda name: locate_module(name, [ROOT]))
        return process_time() - began

    assert min(once() for _ in range(5)) < 0.05  # 6 ms, and more while coverage is measured


def standard_library() -> Iterator[str]:
    for path in sorted(STANDARD.rglob("*.py")):
        if not {"site-packages", "test", "tests"} & set(path.parts):
            yield path.read_text("utf-8", "replace")


@pytest.mark.no_cover  # coverage would double the time
@pytest.mark.parametrize("step", [pytest.param(1, id="every file", marks=pytest.mark.ci_only), 20])
def test_files_of_the_standard_library_are_analyzed_fast(step: int) -> None:
    """The test replaces each `self` by the assignment, so that the analysis has much to follow."""
    seconds = 0.0
    lines = 0
    for text in islice(standard_library(), None, None, step):
        script = PARAMETERS + text.replace("self.", "PARAMETERS.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(script)
        began = process_time()
        assert analyze_source(script, tree) is not None
        seconds += process_time() - began
        lines += script.count("\n")

    assert seconds / lines < 3e-5


PARAMETERS = "import nni\nPARAMETERS = nni.get_next_parameter()\n"
