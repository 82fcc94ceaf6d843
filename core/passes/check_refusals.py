"""Let a provider check its own options against what it is to solve."""

from collections.abc import Iterable
from typing import Any

from sweepwright.contracts import Finding, Problem
from sweepwright.diagnostics import Code, Report

from ..registry import Registry
from ..stages import Part, Spaced
from .ask_plugin import ask_about


def check_refusals(part: Part, spaced: Spaced, registry: Registry, report: Report) -> bool:
    """Report what a provider finds, and tell whether all is well.

    It is asked once everything that it looks at is without fault.
    """
    resolved = spaced.bound.resolved
    lacking = part.provider.uses_budget and resolved.settings.budget is None
    if lacking or not (part.sound and spaced.whole and resolved.budget_known):
        return False
    test = part.provider.check or _content

    def listed(options: Any, problem: Problem) -> list[Finding]:
        return list(test(options, problem))

    found = ask_about(listed, part, registry, spaced, report)
    for finding in found or []:
        span = resolved.places.value((*part.options_at, *finding.path))
        report.error(Code.REFUSED_OPTION, finding.message, span, help=finding.help)
    return found == []


def _content(_options: Any, _problem: Problem) -> Iterable[Finding]:
    return ()
