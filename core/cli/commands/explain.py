"""Explain a value of the configuration: everything that set it, and what it refers to."""

import sys
from collections.abc import Sequence

from sweepwright.diagnostics import CompileError, Report

from ...compiler.compose import compose_traced
from ...compiler.compose.explain import UnknownKey, explain
from ...registry.registry import Registry
from ...views.explanation_text import explanation_body, explanation_text
from ...views.output import echo, echo_json, uses_color
from ..arguments import Arguments, UsageError
from ..error_handling import print_findings
from ..multirun import run_each


def main(arguments: Arguments) -> int:
    """Explain a key of one sweep, or of one sweep per combination with ``-m``."""
    registry = Registry.load()
    return run_each(
        arguments, registry, lambda overrides: _explain(overrides, registry, arguments)
    )


def _explain(overrides: Sequence[str], registry: Registry, arguments: Arguments) -> int:
    """Explain a key if the configuration composes, even if it has other faults."""
    report = Report()
    traced = compose_traced(overrides, registry, report)
    if traced is None:
        raise CompileError(list(report))
    try:
        explanation = explain(traced, arguments.key)
    except UnknownKey as unknown:
        print_findings(list(report))
        raise UsageError(str(unknown)) from unknown
    if arguments.format == "json":
        echo_json(explanation_body(explanation))
    else:
        echo(explanation_text(explanation, color=uses_color(sys.stdout)), painted=True)
    print_findings(list(report))
    return 2 if report.failed else 0
