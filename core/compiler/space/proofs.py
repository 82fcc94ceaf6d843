"""Judge a space: conditions that never or always hold, constraints that leave nothing or all."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sweepwright.diagnostics import Code, Report, Span
from sweepwright.expressions import Expression, Literal, Name, Unary
from sweepwright.expressions.syntax import Call, Chain, Comparison, Membership
from sweepwright.proofs import Verdict, prove, prove_active, whole_box
from sweepwright.seeds import rng
from sweepwright.space import Condition, Parameter, SearchSpace

from .expressions import Relations
from .names import ResolvedExpr

DRAWS = 4096
"""Draws from the prior that show what can happen, before anything has to be proved."""
MOST_CELLS = 4_000_000
"""Numbers that are drawn, at most."""
MANY_DRAWS = 200_000
"""Draws by which a small share is told from none."""
LOOSEN = "loosen the condition, or leave it out"
HOPELESS = 1e-4
"""Share of the prior below which constraints make drawing from it a long wait."""


def check_feasibility(
    space: SearchSpace, relations: Relations, report: Report, *, complete: bool
) -> None:
    """Report what conditions and constraints come to, where it cannot be what was meant.

    Of a space that lacks a part for a fault in it, it is still known what is never true in it.
    """
    judge = _Judge(space, relations, report, complete=complete)
    judge.conditions()
    judge.branches()
    judge.constraints()
    judge.divisors()


class _Judge:
    def __init__(
        self, space: SearchSpace, relations: Relations, report: Report, *, complete: bool
    ) -> None:
        self._space = space
        self._whole = complete
        self._relations = relations
        self._report = report

    @cached_property
    def _drawn(self) -> NDArray[np.float64]:
        """Draws from the prior, whatever constraints say; fewer of a very wide space."""
        width = max(1, len(self._space))
        rows = max(1, min(DRAWS, MOST_CELLS // width))
        return self._space.from_unit(rng(0, "judge").random((rows, len(self._space))))

    def conditions(self) -> None:
        """Look at the parameters whose own condition might never hold, or always."""
        for column, parameter in enumerate(self._space.parameters):
            expr = self._relations.conditions.get(parameter.name)
            if expr is None:
                continue
            active = ~np.isnan(self._drawn[:, column])
            if not active.any() and self._is_never_active(parameter):
                message = f"`{parameter.name}` is never active"
                self._error(Code.NEVER_ACTIVE, message, expr, LOOSEN)
            elif not (self._in_branch(parameter) & ~active).any():
                self._judge_always(_or_outside(parameter.when, self._space, expr.expression), expr)

    def branches(self) -> None:
        """Look at the branches of nested choices that might never be taken."""
        for (name, branch), expr in self._relations.branches.items():
            taken = self._space.parameters[self._space.index[name]].domain.value(branch)
            held = self._space.formula(expr.expression)(self._drawn) == 1
            if not held.any() and prove(self._space, expr.expression) is Verdict.NEVER:
                message = f"the branch `{taken}` of `{name}` can never be taken"
                self._error(Code.NEVER_ACTIVE, message, expr, LOOSEN)
            elif held.all():
                self._judge_always(expr.expression, expr)

    def constraints(self) -> None:
        """Look at each constraint by itself, and at how much all of them leave together."""
        hopeful = self._whole and bool(self._space.constraints)
        for expr in self._relations.constraints:
            match self._breaks(expr.expression):
                case Verdict.ALWAYS:
                    hopeful = False
                    message = f"no assignment meets `{expr.source.text}`"
                    suggestion = "loosen it, or widen the domains of its parameters"
                    self._error(Code.UNSATISFIABLE_CONSTRAINT, message, expr, suggestion)
                case Verdict.NEVER:
                    message = f"every assignment meets `{expr.source.text}`"
                    self._warn(Code.IDLE_CONSTRAINT, message, expr, "leave it out")
        if hopeful:
            self._judge_share()

    def divisors(self) -> None:
        """Look at what is divided by, which may be 0."""
        complete = whole_box(self._space)
        for expr in self._relations.divisors:
            found = self._space.formula(expr.expression).enclosed(complete)
            zero = Comparison(expr.expression, "==", Literal(0))
            possible = found.low[0] <= 0 <= found.high[0]
            if possible and prove(self._space, zero) is not Verdict.NEVER:
                message = f"`{expr.source.text}` can be 0, by which nothing can be divided"
                suggestion = "where it is, the value is unknown; add something to it"
                self._warn(Code.DIVISION_BY_ZERO, message, expr, suggestion)

    def _is_never_active(self, parameter: Parameter) -> bool:
        return prove_active(self._space, parameter.name) is Verdict.NEVER

    def _in_branch(self, parameter: Parameter) -> NDArray[np.bool_]:
        if parameter.when is None:
            return np.ones(len(self._drawn), dtype=bool)
        taken = self._drawn[:, self._space.index[parameter.when.parent]]
        return np.isin(taken, parameter.when.choices)

    def _breaks(self, constraint: Expression) -> Verdict:
        """Tell how often a constraint is broken, which takes a proof unless draws show it."""
        broken = self._space.formula(constraint)(self._drawn) == 0
        if broken.any() and not broken.all():
            return Verdict.SOMETIMES
        return prove(self._space, Unary("not", constraint))

    def _judge_share(self) -> None:
        expr = [*self._relations.branches.values(), *self._relations.constraints][-1]
        if self._space.size == 0:
            message = f"no assignment meets {self._all}"
            suggestion = "loosen one, or widen the domains of their parameters"
            self._error(Code.UNSATISFIABLE_CONSTRAINT, message, expr, suggestion)
            return
        if self._space.share > 10 * HOPELESS:
            return
        met = round(self._space.share_of(MANY_DRAWS) * MANY_DRAWS)
        if met < HOPELESS * MANY_DRAWS:
            verb = "meets" if met <= 1 else "meet"
            found = f"of {MANY_DRAWS:,} random assignments, {met or 'none'} {verb} {self._all}"
            suggestion = "derive one of the parameters from the others, or narrow the domains"
            self._warn(Code.HOPELESS_CONSTRAINT, found, expr, suggestion)

    @property
    def _all(self) -> str:
        """Name all that keeps an assignment from being one."""
        several = len(self._relations.constraints) > 1
        constraints = "all constraints" if several else "the constraint"
        if not self._relations.branches:
            return constraints
        branches = "what the branches ask for"
        return f"{constraints} and {branches}" if self._relations.constraints else branches

    def _judge_always(self, condition: Expression, expr: ResolvedExpr) -> None:
        if prove(self._space, condition) is Verdict.ALWAYS:
            message = f"`{expr.source.text}` always holds"
            self._warn(Code.ALWAYS_ACTIVE, message, expr, "leave the condition out")

    def _error(self, code: Code, message: str, expr: ResolvedExpr, help_: str) -> None:
        self._report.error(code, message, _whole_text(expr), help=help_)

    def _warn(self, code: Code, message: str, expr: ResolvedExpr, help_: str) -> None:
        if self._whole:
            self._report.warn(code, message, _whole_text(expr), help=help_)


def _or_outside(when: Condition | None, space: SearchSpace, condition: Expression) -> Expression:
    """Say that a condition holds, unless the branch it is of is not taken."""
    if when is None:
        return condition
    domain = space.parameters[space.index[when.parent]].domain
    parent = Name(when.parent)
    taken = tuple(Literal(domain.value(choice)) for choice in when.choices)
    inactive = Unary("not", Call("active", (parent,)))
    outside = Membership(parent, taken, negated=True)
    return Chain(inactive, (("or", outside), ("or", condition)))


def _whole_text(expr: ResolvedExpr) -> Span:
    return expr.source.at(0, len(expr.source.text))
