"""Checks of the brackets into which a tuner divides the budget.

These checks also ask the tuner for its brackets under changed settings. They change the smallest
budget to find one that gives two rungs. They remove `max_trials` to find out whether the brackets
depend on this limit.
"""

from collections.abc import Sequence
from dataclasses import replace

from sweepwright.contracts import Bracket, Budget, Problem
from sweepwright.diagnostics import Code, Report

from ..passes.provider_calls import announced_brackets, call_with_problem
from ..stages import Assembled, BoundAssessor, BoundTuner

DIVISORS = range(2, 11)
"""Divisors of the largest budget. The quotients are tried as the smallest budget.

The divisors include the usual reduction factors: Hyperband's authors recommend 3 or 4.
"""


def check_brackets(tuner: BoundTuner, assembled: Assembled, report: Report) -> None:
    """Warn of a single rung, a bracket that ends early, or an assessor that also ends trials.

    The tuner must have accepted the problem.
    """
    if not tuner.provider.uses_budget:
        return
    if assessor := assembled.bound.assessor:
        _warn_of_assessor(tuner, assessor, assembled, report)
    if tuner.provider.brackets is None:
        return
    tuner_brackets = _Brackets(tuner, assembled, report)
    if brackets := tuner_brackets.ask():
        _check_rungs(brackets, tuner_brackets)
        _check_end(brackets, tuner_brackets)


class _Brackets:
    """Asks a tuner for its brackets, under the settings of the sweep or changed settings."""

    def __init__(self, tuner: BoundTuner, assembled: Assembled, report: Report) -> None:
        self.tuner, self.assembled, self.report = tuner, assembled, report

    def ask(self, **changes: object) -> Sequence[Bracket] | None:
        list_brackets = self.tuner.provider.brackets
        assert list_brackets, "only a tuner that announces brackets is asked"

        def ask(options: object, problem: Problem) -> Sequence[Bracket]:
            changed = replace(problem, **changes)  # type: ignore[arg-type]
            return announced_brackets(list_brackets, options, changed)

        return call_with_problem(ask, self.tuner, self.assembled.spaced, self.report)

    def last_trial(self) -> int | None:
        """Return the number of trials after which the tuner ends; return None if it never ends."""
        ends_after = self.tuner.provider.ends_after
        if ends_after is None:
            return None
        return call_with_problem(ends_after, self.tuner, self.assembled.spaced, self.report)


def _warn_of_assessor(
    tuner: BoundTuner, assessor: BoundAssessor, assembled: Assembled, report: Report
) -> None:
    span = assembled.spans.value(assessor.name_path)
    message = f"both `{assessor}` and `{tuner}` end trials early"
    note = "a trial that the assessor stops counts as the worst of its rung"
    way_out = "leave the assessor out, or choose a tuner without budgets"
    report.warn(Code.STOPPED_TWICE, message, span, notes=(note,), help=way_out)


def _check_rungs(brackets: Sequence[Bracket], tuner_brackets: _Brackets) -> None:
    """Warn if every trial starts with the largest budget, so that no trial is promoted."""
    if any(len(bracket.rungs) > 1 for bracket in brackets):
        return
    assembled = tuner_brackets.assembled
    budget = assembled.settings.budget
    assert budget, "a tuner that uses budgets accepts no problem without one"
    message = (
        f"`{tuner_brackets.tuner}` has a single rung between {budget.minimum:g} and"
        f" {budget.maximum:g} {budget.unit}, so no trial is ever promoted"
    )
    least = _minimum_for_two_rungs(budget, tuner_brackets)
    way_out = f"give `budget.minimum={least:g}` or less" if least else "lower `budget.minimum`"
    span = assembled.spans.value(("budget", "minimum"))
    tuner_brackets.report.warn(Code.ONE_RUNG, message, span, help=way_out)


def _minimum_for_two_rungs(budget: Budget, tuner_brackets: _Brackets) -> float | None:
    """Try several values of the smallest budget; return the largest one that gives two rungs."""
    for divisor in DIVISORS:
        least = budget.maximum // divisor if budget.whole else budget.maximum / divisor
        # Only a minimum below the current minimum can give more rungs.
        if not 0 < least < budget.minimum:
            continue
        brackets = tuner_brackets.ask(budget=replace(budget, minimum=least))
        if brackets and any(len(bracket.rungs) > 1 for bracket in brackets):
            return least
    return None


def _check_end(brackets: Sequence[Bracket], tuner_brackets: _Brackets) -> None:
    """Warn if `max_trials` ends the sweep in the middle of a bracket."""
    assembled = tuner_brackets.assembled
    limit = assembled.settings.max_trials
    if limit is None or not assembled.resolved.is_valid("max_trials"):
        return
    # A tuner whose brackets depend on the limit, such as ASHA, makes the brackets fit the limit.
    if tuner_brackets.ask(max_trials=None) != brackets:
        return
    given, last = len(assembled.spaced.start), tuner_brackets.last_trial()
    room = max(limit - given, 0)
    if last is not None and room >= last:
        return
    sizes = [bracket.rungs[0].trials for bracket in brackets]
    per_round = sum(sizes)
    begun, size = _cut(room % per_round, sizes)
    message = f"`max_trials` is {limit}, which ends the sweep inside of a bracket of"
    message += f" `{tuner_brackets.tuner}`, after {begun} of its {size} trials"
    # Some trials start above the first rung, so the sizes do not reveal which bracket ends early.
    if last is not None and last % per_round:
        message = f"`max_trials` is {limit}, but `{tuner_brackets.tuner}` plans to start {last}"
        message += " trials"
    elif not begun:
        return
    notes = [f"one round has {_listed(sizes)}"] if sizes[1:] else []
    notes += [f"{given} of the trials come from `start`"] if given else []
    # This limit lets the tuner end by itself, or lets the last round finish.
    enough = given + (last if last is not None else (room // per_round + 1) * per_round)
    span = assembled.spans.value(("max_trials",))
    way_out = f"give `max_trials={enough}`"
    tuner_brackets.report.warn(Code.CUT_BRACKET, message, span, notes=tuple(notes), help=way_out)


def _cut(begun: int, sizes: Sequence[int]) -> tuple[int, int]:
    """Return the number of trials that start in the last bracket, and the size of this bracket."""
    for size in sizes:
        if begun < size:
            return begun, size
        begun -= size
    return 0, 0


def _listed(sizes: Sequence[int]) -> str:
    *others, last = map(str, sizes)
    return f"brackets of {', '.join(others)} and {last} trials"
