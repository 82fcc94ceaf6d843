"""Every script on the page about reporters runs, and reports a result."""

import ast
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from sweepwright.core.cli.app import main
from sweepwright.protocol import read_line

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reporters.md").read_text()
LIBRARIES = ("keras", "torch", "lightning", "transformers", "sklearn", "tensorboard")
TITLED = re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
SCRIPTS = {
    title: script
    for title, text in TITLED
    for script in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
}


SLOW = pytest.mark.ci_only
"""Libraries that take seconds to import; tests of their reporters run in any case."""
BACKENDS = [backend for backend in ("tensorflow", "torch", "jax") if find_spec(backend)]


def needed(script: str) -> list[str]:
    """List what a script imports that may not be installed."""
    imports = re.findall(r"^(?:from|import) .*$", script, re.MULTILINE)
    return [name for name in LIBRARIES if any(re.search(rf"\b{name}\b", line) for line in imports)]


def missing(script: str) -> list[str]:
    """List what is not installed of what a script needs."""
    libraries = needed(script)
    absent = [name for name in libraries if not find_spec(name)]
    absent += ["a backend"] if "keras" in libraries and not BACKENDS else []
    also = "transformers" in libraries and not find_spec("accelerate")
    return [*absent, "accelerate"] if also else absent


def test_each_library_has_a_script() -> None:
    assert len(SCRIPTS) == 6
    assert {name for script in SCRIPTS.values() for name in needed(script)} == set(LIBRARIES)


@pytest.mark.parametrize(
    "title",
    [title if title == "scikit-learn" else pytest.param(title, marks=SLOW) for title in SCRIPTS],
)
def test_the_script_runs_and_reports(title: str, tmp_path: Path) -> None:
    if absent := missing(SCRIPTS[title]):
        pytest.skip(f"needs {', '.join(absent)}")
    (tmp_path / "train.py").write_text(SCRIPTS[title])
    (tmp_path / "reports").touch()
    described = json.dumps({"sweep": "s", "trial": 0, "attempt": 1})
    variables = {"SWEEPWRIGHT_TRIAL": described, "SWEEPWRIGHT_REPORTS": "file:reports"}
    ended = run(tmp_path, "train.py", **variables, KERAS_BACKEND=next(iter(BACKENDS), ""))
    assert ended.returncode == 0, ended.stderr
    lines = [read_line(text) for text in (tmp_path / "reports").read_text().splitlines()]

    assert all(lines)
    assert [line.final for line in lines if line][-1]
    assert title == "TensorBoard" or len(lines) > 1


@pytest.mark.parametrize("title", [title for title in SCRIPTS if title != "TensorBoard"])
def test_the_compiler_finds_nothing_amiss_in_the_script(
    title: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It knows that a reporter reports, and sees all the same what the script reads."""
    (defaults,) = re.findall(r"get_next_parameter\((\{.*?\})\)", SCRIPTS[title])
    names = [name for name in ast.literal_eval(defaults) if name != "TRIAL_BUDGET"]
    (tmp_path / "train.py").write_text(SCRIPTS[title])
    (tmp_path / "space").mkdir()
    sweep = ["trial=noop", "trial.entries.python=train.py", "space=mine", "assessor=medianstop"]
    check = ["check", "--config-dir", ".", *sweep, "strict=true"]
    monkeypatch.chdir(tmp_path)
    found = []
    for searched in (names, [*names, "unread"]):
        space = "".join(f"{name}: uniform(0, 1)\n" for name in searched)
        (tmp_path / "space" / "mine.yaml").write_text(space)
        found.append((main(check), capsys.readouterr().out))

    assert found[0][0] == 0, found[0][1]
    assert found[1][0] == 2
    assert "the trial never reads `unread`" in found[1][1]


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
