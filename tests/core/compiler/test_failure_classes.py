"""The failure classes are listed in one place, and everything else follows from it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sweepwright.core.compiler.editor_schema.options import options_schema
from sweepwright.core.compiler.settings import Retries, Settings
from sweepwright.core.plan.plan import Limits
from sweepwright.events import FailureKind

ROOT = Path(__file__).parents[3]
SHOW = """
import json, sys
from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.registry import Registry
for overrides in [], sys.argv[1:]:
    compiled = compile_sweep(overrides, Registry.load())
    print(json.dumps(compiled.plan.limits.retries))
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Lay out a copy of the packages as a wheel does."""
    package = tmp_path / "sweepwright"
    shutil.copytree(ROOT / "sweepwright", package)
    for room in ("core", "plugins", "conf", "trials"):
        shutil.copytree(ROOT / room, package / room)
    return tmp_path


def test_a_new_member_is_all_that_a_new_failure_class_needs(installed: Path) -> None:
    events = installed / "sweepwright" / "events.py"
    last = '    LOST = "lost"'
    events.write_text(events.read_text().replace(last, f'    DISK = "disk", "filled", 3\n{last}'))

    shown = subprocess.run(
        [sys.executable, "-c", SHOW, "retries.disk=5"],
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    default, overridden = map(json.loads, shown.splitlines())

    assert default["disk"] == 3
    assert overridden == {**default, "disk": 5}


def test_every_class_is_a_setting_with_its_default_and_its_meaning() -> None:
    properties = options_schema(Retries)["properties"]

    assert list(properties) == [kind.value for kind in FailureKind]
    for kind in FailureKind:
        assert properties[kind.value]["default"] == kind.retries
        assert properties[kind.value]["description"] == f"The trial {kind.meaning}."


def test_the_limits_of_a_sweep_have_every_class() -> None:
    assert Settings().limits == Limits(20, None, 2, None, {k: k.retries for k in FailureKind})
