"""Syntax errors are found where the interpreter finds them, and in nothing that it accepts."""

import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from sweepwright.contracts import PythonFile, Role, TrialCode
from sweepwright.core.plan.source_syntax import (
    SyntaxFault,
    find_syntax_fault,
    find_syntax_faults,
    syntax_findings,
)
from sweepwright.core.plan.trial_files import locate_module

BROKEN = {
    "unclosed": ("x = (1,\ny = 2\n", 1, 5),
    "unclosed text": ("x = 'a\n", 1, 5),
    "unclosed long text": ('x = 1\ny = """a\n', 2, 5),
    "colon": ("if True\n    pass\n", 1, 8),
    "indentation": ("def f():\npass\n", 2, 1),
    "unexpected indentation": ("x = 1\n  y = 2\n", 2, None),
    "dedentation": ("if x:\n        a\n    b\n", 3, 6),
    "tabs and spaces": ("if x:\n        a\n\tb\n", 3, None),
    "python 2": ("print 'a'\n", 1, 1),
    "python 2 exceptions": ("try:\n    a\nexcept A, e:\n    b\n", 3, 8),
    "return outside": ("x = 1\nreturn x\n", 2, 1),
    "await outside": ("def f():\n    await x\n", 2, 5),
    "break outside": ("break\n", 1, 1),
    "nonlocal": ("nonlocal x\n", 1, 1),
    "argument twice": ("def f(a, a): ...\n", 1, 10),
    "assignment to a literal": ("1 = x\n", 1, 1),
    "assignment for comparison": ("if x = 1:\n    pass\n", 1, 4),
    "keyword": ("class = 3\n", 1, 7),
    "number": ("x = 0777\n", 1, 5),
    "invisible letter": ("x = 1\u200b\n", 1, 6),
    "typographic quotes": ("x = \u201ca\u201d\n", 1, 5),
    "merge conflict": ("<<<<<<< HEAD\n", 1, 1),
    "f-string": ("x = f'{a b}'\n", 1, None),
    "future": ("x = 1\nfrom __future__ import annotations\n", 2, 1),
    "wide letters": ("é = 'ü' + ?\n", 1, 11),
}
UNDECODABLE = {
    "null byte": (b"x = 1\ny = '\0'\n", 2, 6),
    "latin-1": (b"x = 1\n# caf\xe9 ol\xe9\n", 2, 6),
    "utf-16": ("x = 1\n".encode("utf-16"), 1, 4),
    "unknown encoding": (b"# coding: no-such\nx = 1\n", 1, 1),
    "wrong encoding": (b"# coding: ascii\nx = '\xc3\xa9'\n", 2, 6),
}
VALID = {
    "empty": b"",
    "byte order mark": b"\xef\xbb\xbfx = 1\n",
    "latin-1 that says so": b"# coding: latin-1\nx = '\xe9'\n",
    "carriage returns": b"x = 1\r\nif x:\r\n    y = 2\r\n",
    "an escape that is warned of": b"x = '\\d'\n",
    "no newline at the end": b"x = 1",
    "form feed": b"x = 1\n\f\ny = 2\n",
}


def fault_of(path: Path, data: bytes) -> SyntaxFault | None:
    """Find the fault of a file, and assert that the interpreter agrees that there is one."""
    path.write_bytes(data)
    run = subprocess.run([sys.executable, "-S", path], capture_output=True, check=False)
    fault = find_syntax_fault(path, data)

    assert (fault is None) is (not re.search(rb"(Syntax|Indentation|Tab)Error", run.stderr)), (
        run.stderr
    )
    return fault


@pytest.mark.parametrize("kind", BROKEN)
def test_an_error_is_found_at_its_line_and_column(kind, tmp_path) -> None:
    source, line, column = BROKEN[kind]
    fault = fault_of(tmp_path / "train.py", source.encode())

    assert fault is not None
    assert fault.span.line == line
    assert column in (None, fault.span.column)
    assert fault.span.text == source.splitlines()[line - 1]
    assert fault.span.length >= 1


@pytest.mark.parametrize("kind", UNDECODABLE)
def test_bytes_that_are_no_text_are_found_at_their_place(kind, tmp_path) -> None:
    data, line, column = UNDECODABLE[kind]
    fault = fault_of(tmp_path / "train.py", data)

    assert fault is not None
    assert (fault.span.line, fault.span.column) == (line, column)


@pytest.mark.parametrize("kind", VALID)
def test_what_the_interpreter_accepts_is_no_error(kind, tmp_path) -> None:
    assert fault_of(tmp_path / "train.py", VALID[kind]) is None


def test_an_imported_module_may_hold_any_bytes_in_its_comments(tmp_path) -> None:
    data, *_ = UNDECODABLE["latin-1"]

    assert find_syntax_fault(tmp_path / "module.py", data, imported=True) is None


def found_in(folder: Path, **sources: str) -> list[str]:
    """Return the names of the files with faults; a dash in a name represents a slash."""
    for name, source in sources.items():
        path = folder / f"{name.replace('-', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(source))
    train = folder / "train.py"
    faults = find_syntax_faults(train, lambda name: locate_module(name, [folder]))
    return [fault.path.stem for fault in faults]


def test_modules_that_are_always_imported_are_compiled_too(tmp_path) -> None:
    sources = {
        "train": "import os, model, train\nfrom data.load import read\nimport not_there\n",
        "model": "import layers\n",
        "layers": "x = = 1\n",
        "data-load": "def\n",
    }

    assert found_in(tmp_path, **sources) == ["load", "layers"]


def test_a_package_without_init_in_another_package_is_not_searched(tmp_path) -> None:
    sources = {"train": "import outer.inner.broken\n", "outer-__init__": ""}
    (tmp_path / "outer" / "inner").mkdir(parents=True)
    (tmp_path / "outer" / "inner" / "broken.py").write_text("x = = 1\n")

    assert found_in(tmp_path, **sources) == []


def test_modules_that_only_some_runs_import_may_be_broken(tmp_path) -> None:
    train = """
        try:
            import broken
        except SyntaxError:
            pass
        def later():
            import broken
    """

    assert found_in(tmp_path, train=train, broken="x = = 1\n") == []


def broken_in(folder: Path) -> list[str | None]:
    """Return the files with findings of a trial in a folder, whose script imports `module`."""
    (folder / "train.py").write_text("import module\n")
    code = TrialCode("mine", (Role("main", PythonFile("train.py")),), folder=str(folder))
    return [found.span.file for found in syntax_findings(code, None)]


def test_libraries_are_not_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: Path
) -> None:
    monkeypatch.syspath_prepend(str(installed))

    assert broken_in(tmp_path) == []


def test_own_modules_elsewhere_are_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Path
) -> None:
    monkeypatch.syspath_prepend(str(own))

    assert broken_in(tmp_path) == [str(own / "module.py")]


def test_modules_beside_an_installed_trial_are_compiled(installed: Path) -> None:
    assert broken_in(installed) == [str(installed / "module.py")]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Install a broken module into an environment that lies within the folder of a trial."""
    return _broken(tmp_path / ".venv" / "lib" / "site-packages")


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a broken module, as an editable installation puts it on the path."""
    return _broken(tmp_path_factory.mktemp("src") / "own")


def _broken(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "module.py").write_text("x = = 1\n")
    return folder
