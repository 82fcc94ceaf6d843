"""What is sent to other machines runs in Python 3.8."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SENT = [*(ROOT / "sweepwright" / "runner").rglob("*.py"), ROOT / "sweepwright" / "trial.py"]
OLD_PYTHON = Path(__file__).parent / "data" / "old_python"
GENERIC_SINCE_3_9 = {"collections", "collections.abc", "contextlib", "os", "queue", "re"}
BUILTINS = {"dict", "frozenset", "list", "set", "tuple", "type"}
RUN = """
import os, sys
from pathlib import Path
from tests.sweepwright.runner.engine_harness import EngineHarness
assert not hasattr(os, "pidfd_open")
harness = EngineHarness(Path(sys.argv[1]))
harness.launch("job", Path(sys.argv[2]).read_text())
harness.launch("hung", "import time; time.sleep(600)", time_limit=0.1)
harness.launch("sent", "import os; os.kill(os.getpid(), 15)")
for name in ("job", "hung", "sent"):
    print(harness.wait("ended", name)["failure"])
print(len(harness.of("output", "job")))
harness.engine.close()
"""
TRIAL = """
import sys
import threading
import sweepwright.trial as trial

assert not hasattr(sys, "orig_argv")

class Loud:
    def __del__(self):
        print("finalized", flush=True)

assert trial.get_next_parameter() == {"x": 1}
sys.left = Loud()
threading.Timer(0.05, lambda: trial.report_final_result(1)).start()
"""


def annotations(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what is never evaluated, because of ``from __future__ import annotations``."""
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            if annotation := getattr(node, field, None):
                yield from ast.walk(annotation)


def newer(tree: ast.Module) -> Iterator[int]:
    """Yield lines where a type of Python 3.9 or later, or a union of dicts, is evaluated."""
    unevaluated = set(map(id, annotations(tree)))
    imported = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in GENERIC_SINCE_3_9
        for name in node.names
    }
    for node in ast.walk(tree):
        if id(node) in unevaluated:
            continue
        match node:
            case ast.Subscript(value=ast.Name(id=name)) if name in BUILTINS | imported:
                yield node.lineno
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                if any(isinstance(side, ast.Dict | ast.DictComp) for side in (left, right)):
                    yield node.lineno
                if any(ast.unparse(side) in {"None", *BUILTINS} for side in (left, right)):
                    yield node.lineno


@pytest.mark.parametrize("path", SENT, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_syntax_is_that_of_python_3_8(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text, feature_version=(3, 8))

    assert list(newer(tree)) == []
    evaluated = [note for note in annotations(tree) if not isinstance(note, ast.Constant)]
    assert "from __future__ import annotations" in text or not evaluated


@pytest.mark.parametrize(
    "line",
    [
        "Pairs = dict[str, int]",
        "Pairs = Mapping[str, int]",
        "Number = int | None",
        "both = first | {'x': 1}",
    ],
)
def test_newer_types_are_found(line: str) -> None:
    tree = ast.parse(f"from collections.abc import Mapping\nx: dict[str, int | None]\n{line}")

    assert list(newer(tree)) == [3]


def test_a_newer_statement_is_found() -> None:
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1: pass", feature_version=(3, 8))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="takes away what Python 3.11 has")
def test_jobs_run_without_what_later_versions_have(tmp_path: Path) -> None:
    trial = tmp_path / "trial.py"
    trial.write_text(TRIAL)
    environment = {**os.environ, "PYTHONPATH": f"{OLD_PYTHON}{os.pathsep}{ROOT}"}
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path), str(trial)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stderr == ""
    done, hung, sent, reports = ran.stdout.splitlines()
    assert (done, reports) == ("None", "1")
    assert "ran over its limit" in hung
    assert "SIGTERM" in sent
    assert (tmp_path / "trials" / "job" / "1" / "main-0.stdout").read_text() == "finalized\n"
