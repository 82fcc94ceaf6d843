"""Checks that the sources of the trial are valid Python."""

from sweepwright.diagnostics import Report

from ...plan.source_syntax import syntax_findings
from ..stages import Assembled
from .framework import interpreter_of


def check_syntax(assembled: Assembled, report: Report) -> None:
    """Report syntax errors in the sources of all roles, each file once."""
    if assembled.code is None:
        return
    for found in syntax_findings(assembled.code, interpreter_of(assembled, report)):
        report.add(found, found.span)
