"""Check what a tuner makes of the budget: its brackets, and who else ends trials early."""

from collections.abc import Sequence
from dataclasses import replace

from sweepwright.contracts import Bracket, Budget, Problem
from sweepwright.diagnostics import Code, Report

from ...registry.registry import Registry
from ..passes.provider_calls import announced_brackets, ask_about
from ..stages import BoundAssessor, BoundTuner, Spaced

REDUCTIONS = range(2, 11)
"""Factors by which a smallest budget is lowered, to see whether a second rung comes of it."""


def check_brackets(tuner: BoundTuner, spaced: Spaced, registry: Registry, report: Report) -> None:
    """Warn of a budget without rungs, of a bracket that is cut, and of two that end trials."""
    if not tuner.provider.uses_budget:
        return
    if assessor := spaced.bound.assessor:
        _warn_of_both(tuner, assessor, spaced, report)
    if tuner.provider.brackets is None:
        return
    asking = _Asking(tuner, spaced, registry, report)
    if brackets := asking.brackets():
        _check_rungs(brackets, asking)
        _check_end(brackets, asking)


class _Asking:
    """Asks a tuner for its brackets, of the problem at hand or of one like it."""

    def __init__(
        self, tuner: BoundTuner, spaced: Spaced, registry: Registry, report: Report
    ) -> None:
        self.tuner, self.spaced, self.report = tuner, spaced, report
        self._registry = registry

    def brackets(self, **changes: object) -> Sequence[Bracket] | None:
        question = self.tuner.provider.brackets
        assert question, "only a tuner that lists its brackets is asked"

        def ask(options: object, problem: Problem) -> Sequence[Bracket]:
            changed = replace(problem, **changes)  # type: ignore[arg-type]
            return announced_brackets(question, options, changed)

        return ask_about(ask, self.tuner, self._registry, self.spaced, self.report)

    def last_trial(self) -> int | None:
        """Return after how many trials the tuner has nothing left; None for no such end."""
        question = self.tuner.provider.ends_after
        if question is None:
            return None
        return ask_about(question, self.tuner, self._registry, self.spaced, self.report)


def _warn_of_both(
    tuner: BoundTuner, assessor: BoundAssessor, spaced: Spaced, report: Report
) -> None:
    span = spaced.bound.resolved.spans.value(("assessor", "name"))
    message = f"`{assessor}` ends trials early, and so does `{tuner}`"
    note = "a trial that the assessor stops counts as the worst of its rung"
    way_out = "leave the assessor out, or take a tuner without budgets"
    report.warn(Code.STOPPED_TWICE, message, span, notes=(note,), help=way_out)


def _check_rungs(brackets: Sequence[Bracket], asking: _Asking) -> None:
    """Warn when every trial begins with all that it will ever get."""
    if any(len(bracket.rungs) > 1 for bracket in brackets):
        return
    resolved = asking.spaced.bound.resolved
    budget = resolved.settings.budget
    assert budget, "a tuner that uses budgets has one, or is a finding"
    message = (
        f"`{asking.tuner}` has a single rung between {budget.minimum:g} and"
        f" {budget.maximum:g} {budget.unit}, so that no trial is ever promoted"
    )
    least = _second_rung(budget, asking)
    way_out = f"give `budget.minimum={least:g}` or less" if least else "lower `budget.minimum`"
    span = resolved.spans.value(("budget", "minimum"))
    asking.report.warn(Code.ONE_RUNG, message, span, help=way_out)


def _second_rung(budget: Budget, asking: _Asking) -> float | None:
    """Find a smallest budget from which there are two rungs."""
    for factor in REDUCTIONS:
        least = budget.maximum // factor if budget.whole else budget.maximum / factor
        if not 0 < least < budget.minimum:
            continue
        tried = asking.brackets(budget=replace(budget, minimum=least))
        if tried and any(len(bracket.rungs) > 1 for bracket in tried):
            return least
    return None


def _check_end(brackets: Sequence[Bracket], asking: _Asking) -> None:
    """Warn when the sweep ends in the middle of what the tuner means to do."""
    resolved = asking.spaced.bound.resolved
    limit = resolved.settings.max_trials
    if limit is None or not resolved.is_valid("max_trials") or not _settled(brackets, asking):
        return
    given, last = len(asking.spaced.start), asking.last_trial()
    room = max(limit - given, 0)
    if last is not None and room >= last:
        return
    sizes = [bracket.rungs[0].trials for bracket in brackets]
    each = sum(sizes)
    begun, size = _cut(room % each, sizes)
    message = f"`max_trials` is {limit}, which leaves a bracket of `{asking.tuner}` {begun} of"
    message += f" its {size} trials"
    if last is not None and last % each:  # some begin above the first rung
        message = f"`max_trials` is {limit}, and `{asking.tuner}` means to begin {last} trials"
    elif not begun:
        return
    notes = [f"one round of it has {_listed(sizes)}"] if sizes[1:] else []
    notes += [f"{given} of the trials are given under `start`"] if given else []
    enough = given + (last if last is not None else (room // each + 1) * each)
    span = resolved.spans.value(("max_trials",))
    way_out = f"give `max_trials={enough}`"
    asking.report.warn(Code.CUT_BRACKET, message, span, notes=tuple(notes), help=way_out)


def _settled(brackets: Sequence[Bracket], asking: _Asking) -> bool:
    """Tell whether brackets are as they are whatever the sweep's last trial is."""
    return bool(brackets) and asking.brackets(max_trials=None) == brackets


def _cut(begun: int, sizes: Sequence[int]) -> tuple[int, int]:
    """Tell how many trials the last bracket of those begun has, and of how many."""
    for size in sizes:
        if begun < size:
            return begun, size
        begun -= size
    return 0, 0


def _listed(sizes: Sequence[int]) -> str:
    *others, last = map(str, sizes)
    return f"brackets of {', '.join(others)} and {last} trials"
