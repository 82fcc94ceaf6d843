"""Checks of options: find deprecated options, and options that a provider rejects."""

import re
from collections.abc import Iterable
from typing import Any

from sweepwright.contracts import Finding, Problem, TunerProvider
from sweepwright.diagnostics import Code, Report

from ...registry.option_types import option_entries
from ...registry.options import deprecated_options
from ..passes.provider_calls import call_with_problem
from ..settings import Settings, TrialOptions
from ..spans import KeyPath, dotted
from ..stages import Assembled, BoundAssessor, BoundProvider, BoundTuner


def check_deprecated_options(assembled: Assembled, report: Report) -> None:
    """Warn of every deprecated setting or option for which the user gives a value."""
    tree = assembled.resolved.tree
    _warn_of_deprecated(Settings, tree, (), assembled, report)
    _warn_of_deprecated(TrialOptions, tree.get("trial"), ("trial",), assembled, report)
    for chosen in assembled.bound.providers.values():
        options = chosen.selection.options
        at = chosen.options_path
        _warn_of_deprecated(chosen.provider.options, options, at, assembled, report)


def _warn_of_deprecated(
    options: type[Any], values: Any, at: KeyPath, assembled: Assembled, report: Report
) -> None:
    for path, instead in deprecated_options(options, values, at):
        # The values include defaults, so only a key that is written in a text counts as given.
        if assembled.spans.find(path):
            message = f"`{dotted(path)}` is deprecated"
            span = assembled.spans.key(path)
            report.warn(Code.DEPRECATED_KEY, message, span, help=instead)


def check_assessor(assembled: Assembled, report: Report) -> None:
    """Let the assessor check its options, and report its findings."""
    if assessor := assembled.bound.assessor:
        accepts_problem(assessor, assembled, report)


def accepts_problem(
    chosen: BoundTuner | BoundAssessor, assembled: Assembled, report: Report
) -> bool:
    """Let a provider check its options against the problem, and report its findings.

    Returns whether the provider accepts the options and the problem. If so, its other functions
    may be called.
    """
    spaced, resolved = assembled.spaced, assembled.resolved
    uses_budget = isinstance(chosen.provider, TunerProvider) and chosen.provider.uses_budget
    lacks_budget = uses_budget and resolved.settings.budget is None
    if lacks_budget or not (chosen.options_valid and spaced.complete and resolved.budget_valid):
        return False
    check = chosen.provider.check
    if check is None:
        return True

    def ask(options: object, problem: Problem) -> list[Finding]:
        return list(check(options, problem))

    found = call_with_problem(ask, chosen, spaced, report)
    report_findings(found or (), chosen, assembled, report)
    return found == []


def report_findings(
    found: Iterable[Finding],
    chosen: BoundProvider[Any],
    assembled: Assembled,
    report: Report,
    code: Code = Code.REFUSED_OPTION,
) -> None:
    """Report the findings of a provider, each at the option that it names."""
    for finding in found:
        span = assembled.spans.value((*chosen.options_path, *finding.path))
        way_out = finding.help and _with_full_keys(finding.help, chosen)
        add = report.warn if finding.warning else report.error
        add(code, finding.message, span, help=way_out)


def _with_full_keys(text: str, chosen: BoundProvider[Any]) -> str:
    """Replace an option such as ``eta=3`` in a plugin's text by ``tuner.eta=3``.

    A plugin names its options without their section.
    """
    names = {entry.name for entry in option_entries(chosen.provider.options)}

    def full(match: re.Match[str]) -> str:
        if match[1] not in names:
            return match[0]
        return f"`{dotted((*chosen.options_path, match[1]))}="

    return re.sub(r"`(\w+)=", full, text)
