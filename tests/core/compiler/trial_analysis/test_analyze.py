"""A script is read with all that it imports, and no Python file is too strange to be read."""

import ast
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from time import process_time

import pytest

from sweepwright.core.compiler.trial_analysis import Facts, Source, read_trial
from sweepwright.core.compiler.trial_analysis.analyze import read_source
from sweepwright.core.compiler.trial_analysis.imports import MOST_FILES
from sweepwright.core.compiler.trial_analysis.observations import MOST_STEPS
from sweepwright.core.plan.trial_files import locate_module

ROOT = Path(__file__).parents[4]
STANDARD = Path(sysconfig.get_paths()["stdlib"])


def read(folder: Path, script: str, **others: str) -> Source | None:
    """Read a script beside other files, of which a dash in the name is a slash."""
    for name, text in {"train": script, **others}.items():
        path = folder / f"{name.replace('-', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text))
    return read_trial(folder / "train.py", lambda name: locate_module(name, [folder]))


def facts(folder: Path, script: str, **others: str) -> Facts:
    source = read(folder, script, **others)
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
def test_code_that_knows_nothing_of_trials_does_nothing_to_them(
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

    assert not facts(tmp_path, script, **others).elsewhere


@pytest.mark.parametrize(
    "script",
    [
        "import speaking",
        "from speaking import main",
        "import deep.speaking",
        "from deep import speaking",
        "from deep.speaking import main",
        "import leading_on",
        "def main():\n    import speaking",
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
def test_code_that_may_speak_for_the_trial_leaves_it_open(tmp_path: Path, script: str) -> None:
    (tmp_path / "compiled.so").write_bytes(b"")
    others = {
        "speaking": "import sweepwright.trial as nni",
        "deep-__init__": "",
        "deep-speaking": "from sweepwright.trial import report_final_result",
        "leading_on": "from deep import relative",
        "deep-relative": "from . import speaking",
        "described": "import os\nx = os.environ['SWEEPWRIGHT_TRIAL']",
        "broken": "def",
        "copied": "'''Inside a sweep SWEEPWRIGHT_REPORTS is set.'''",
        "starting": "import subprocess",
        "helped": "from sweepwright.reporters import pytorch",
    }

    assert facts(tmp_path, script, **others).elsewhere


def test_more_modules_than_are_looked_into_leave_it_open(tmp_path: Path) -> None:
    chain = {f"m{n}": f"import m{n + 1}" for n in range(MOST_FILES + 1)}
    last = {f"m{MOST_FILES + 1}": ""}

    assert facts(tmp_path, "import m0", **chain, **last).elsewhere
    assert not facts(tmp_path, "import m2", **chain, **last).elsewhere


@pytest.mark.parametrize("text", ["def", "\0", "x = " + "(" * 500, "-" * 100_000 + "1"])
def test_what_is_no_python_is_not_read(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) is None


def test_a_file_of_another_encoding_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_bytes(b"# \xff\n")

    assert read_trial(tmp_path / "train.py", lambda _: None) is None


def test_a_script_that_goes_on_and_on_is_given_up(tmp_path: Path) -> None:
    assert read(tmp_path, "x = 1\n" * MOST_STEPS) is None


def test_a_script_too_deep_to_follow_is_given_up(tmp_path: Path) -> None:
    assert read(tmp_path, f"x = {'+'.join('1' * 900)}") is None


@pytest.mark.parametrize("trial", ["noop.py", "mnist/sklearn_mlp.py"])
def test_a_built_in_trial_is_read_in_milliseconds(trial: str) -> None:
    def once() -> float:
        began = process_time()
        read_trial(ROOT / "trials" / trial, lambda name: locate_module(name, [ROOT]))
        return process_time() - began

    assert min(once() for _ in range(5)) < 0.05  # 6 ms, and more while coverage is measured


def standard_library() -> Iterator[str]:
    for path in STANDARD.rglob("*.py"):
        if not {"site-packages", "test", "tests"} & set(path.parts):
            yield path.read_text("utf-8", "replace")


def test_every_file_of_the_standard_library_can_be_read_and_soon() -> None:
    """As if whatever they do to objects of theirs were done to parameters."""
    seconds = 0.0
    lines = 0
    for text in standard_library():
        script = PARAMETERS + text.replace("self.", "PARAMETERS.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(script)
        began = process_time()
        assert read_source(script, tree) is not None
        seconds += process_time() - began
        lines += script.count("\n")

    assert seconds / lines < 3e-5


PARAMETERS = "import nni\nPARAMETERS = nni.get_next_parameter()\n"
