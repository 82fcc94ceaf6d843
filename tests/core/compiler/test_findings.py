"""Every case under `findings/` yields the findings that stand beside it."""

import re
from pathlib import Path

import pytest

from sweepwright.core.views.diagnostics_text import render_diagnostics
from sweepwright.diagnostics import WARNINGS, Code
from tests.core.compiler.finding_cases import CASES, FindingCase


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_yields_the_expected_findings(
    case: FindingCase, cases_folder: Path, *, update: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(cases_folder)
    text = render_diagnostics(case.findings(cases_folder), color=False)
    if update and text != case.expected:
        case.update(text)
        return

    assert text == case.expected


def test_names_of_cases_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_codes_that_are_always_errors_never_appear_as_warnings() -> None:
    seen = {
        code
        for case in CASES
        for code in re.findall(r"^warning\[(\w+)\]", case.expected, re.MULTILINE)
    }

    assert seen <= {code.value for code in WARNINGS}


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.UNFIT_MACHINE])
def test_every_code_appears_in_a_case(code: Code) -> None:
    """The exception is found on machines, at which no compilation looks."""
    assert any(f"[{code.value}]" in case.expected for case in CASES)
