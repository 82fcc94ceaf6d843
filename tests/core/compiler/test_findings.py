import json
import re
from pathlib import Path

import pytest

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.views.diagnostics_text import render_diagnostics
from sweepwright.diagnostics import WARNINGS, Code, CompileError
from tests.core.stub_plugins import registry

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in (HERE / "data").glob("*.yaml"))


def findings(case: str) -> str:
    """Compile a case, with the overrides that its second line may give.

    One that says nothing of a trial has one that may read whatever the space is; of a budget,
    none.
    """
    text = (HERE / "data" / f"{case}.yaml").read_text()
    second = text.splitlines()[1]
    given = json.loads(second.split(":", 1)[1]) if second.startswith("# overrides:") else []
    others = (
        [] if re.search(r"\btrial\b", text) else ["trial.entries.sklearn=sweepwright.trials.noop"]
    )
    others += [] if re.search(r"\bbudget\b", text) else ["budget=null"]
    overrides = [f"hydra.searchpath=['file://{HERE}']", f"+data={case}", *given, *others]
    try:
        found = compile_sweep(overrides, registry()).warnings
    except CompileError as error:
        found = error.diagnostics
    return render_diagnostics(found, color=False)


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_found_at_fault_as_expected(
    case: str, *, update: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    expected = HERE / "data" / f"{case}.txt"
    text = findings(case)
    if update:
        expected.write_text(text)

    assert text == expected.read_text()


def test_what_is_only_ever_an_error_is_never_a_warning_in_a_case() -> None:
    texts = [(HERE / "data" / f"{case}.txt").read_text() for case in CASES]
    seen = {
        code for text in texts for code in re.findall(r"^warning\[(\w+)\]", text, re.MULTILINE)
    }

    assert seen <= {code.value for code in WARNINGS}


@pytest.mark.parametrize("code", Code)
def test_every_code_is_seen_in_a_case(code: Code) -> None:
    texts = [(HERE / "data" / f"{case}.txt").read_text() for case in CASES]

    assert any(f"[{code.value}]" in text for text in texts)
