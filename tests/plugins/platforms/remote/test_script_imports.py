"""The modules that a script imports are looked for on each machine."""

from pathlib import Path

import pytest

from sweepwright.contracts import Command, PythonFile, Role, TrialCode
from sweepwright.plugins.platforms.remote.script_imports import script_imports


def imports_of(folder: Path, source: str, **environment: str) -> list[str]:
    (folder / "code").mkdir()
    (folder / "code" / "train.py").write_text(source)
    roles = (
        Role("main", PythonFile("code/train.py")),
        Role("other", Command(("true",)), environment=environment),
        Role("again", PythonFile("code/train.py"), environment=environment),
    )
    return script_imports(TrialCode("t", roles, folder=str(folder)))


def test_what_a_script_imports_first_of_all_is_listed_once(tmp_path: Path) -> None:
    source = "import a.b, c as d\nfrom e.f import g\nimport a\nfrom . import h\n"

    assert imports_of(tmp_path, source) == ["a", "c", "e"]


def test_what_a_script_may_do_without_is_not_listed(tmp_path: Path) -> None:
    source = "try:\n    import a\nexcept ImportError: pass\ndef f():\n    import b\n"

    assert imports_of(tmp_path, source) == []


def test_modules_that_are_sent_along_are_not_listed(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").touch()
    (tmp_path / "models").mkdir()

    assert imports_of(tmp_path, "import helpers, models, torch") == ["torch"]


@pytest.mark.parametrize("source", ["import sys, a\nsys.path.append('/opt')", "import (", "\0"])
def test_a_script_that_searches_elsewhere_or_is_broken_lists_nothing(
    tmp_path: Path, source: str
) -> None:
    assert imports_of(tmp_path, source) == []


def test_a_search_path_of_a_role_counts_for_this_role(tmp_path: Path) -> None:
    assert imports_of(tmp_path, "import a", PYTHONPATH="/opt") == ["a"]
    assert script_imports(TrialCode("t", (), folder="no such folder")) == []
