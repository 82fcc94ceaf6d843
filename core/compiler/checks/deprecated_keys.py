"""Deprecate: keys that still work, and will not for long, are found where they are given.

Before: options bound to their dataclasses. After: the same, with warnings.
"""

from typing import Any

from sweepwright.diagnostics import Code, Report

from ...registry.options import deprecated_options
from ..settings import Settings, TrialOptions
from ..spans import KeyPath, dotted
from ..stages import Bound


def deprecate(bound: Bound, report: Report) -> Bound:
    """Warn of every deprecated key that somebody gives."""
    tree = bound.resolved.tree
    _warn(Settings, tree, (), bound, report)
    _warn(TrialOptions, tree.get("trial"), ("trial",), bound, report)
    for chosen in bound.providers.values():
        _warn(
            chosen.provider.options,
            chosen.selection.options,
            chosen.options_path,
            bound,
            report,
        )
    return bound


def _warn(options: type[Any], values: Any, at: KeyPath, bound: Bound, report: Report) -> None:
    spans = bound.resolved.spans
    for path, instead in deprecated_options(options, values, at):
        if spans.find(path):
            message = f"`{dotted(path)}` is deprecated"
            report.warn(Code.DEPRECATED_KEY, message, spans.key(path), help=instead)
