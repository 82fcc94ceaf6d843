"""Settle: options hold what they referred to, so that the plan refers to nothing.

Before: ``tuner: {name: batch, file: runs.json}``.
After: ``tuner: {name: batch, assignments: [{lr: 0.1}, {lr: 0.2}], file: null}``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sweepwright.diagnostics import Report

from ..options import build_options, plain_options
from ..registry import Registry
from ..stages import Assembled, Part
from .ask_plugin import ask_plugin, problem_of


def settle(assembled: Assembled, registry: Registry, report: Report) -> Assembled:
    """Settle the options of every part, once none is at fault."""
    if report.failed:
        return assembled
    bound = assembled.spaced.bound
    parts = {
        kind: _settled(part, assembled, registry, report) for kind, part in bound.parts.items()
    }
    return replace(assembled, spaced=replace(assembled.spaced, bound=replace(bound, parts=parts)))


def _settled(part: Part, assembled: Assembled, registry: Registry, report: Report) -> Part:
    act = part.provider.settle
    if act is None:
        return part

    def ask() -> Mapping[str, Any]:
        options = build_options(part.provider.options, part.selected.options)
        return plain_options(act(options, problem_of(assembled.spaced)))

    settled = ask_plugin(ask, part, registry, assembled.spaced, report)
    return (
        part
        if settled is None
        else replace(part, selected=replace(part.selected, options=settled))
    )
