"""Report conditions that are never or always true, and constraints that exclude all or nothing.

The checker first draws assignments from the prior. If a condition is true for some draws and false
for others, no proof is needed. Otherwise `sweepwright.space.proofs` tries to prove that the
condition is always or never true, and only a proved fact is reported. So an error never depends on
a random sample (docs/decisions/0007). The share of the prior that satisfies the constraints can
only be estimated, so a small share is a warning that states the number of draws.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sweepwright.diagnostics import Code, Report
from sweepwright.expressions import Expression, Literal, Name, Unary
from sweepwright.expressions.syntax import Call, Chain, Comparison, Membership
from sweepwright.seeds import rng
from sweepwright.space import Condition, Parameter, SearchSpace
from sweepwright.space.proofs import Verdict, full_box, prove, prove_active

from .expressions import Relations
from .names import ResolvedExpr

DRAWS = 4096
"""Number of draws from the prior before the first proof (docs/decisions/0007)."""
MOST_CELLS = 4_000_000
"""Limit on the number of draws times the number of parameters, equal to 32 MB of floats."""
MORE_DRAWS = 200_000
"""Number of draws that estimate a small share.

If exactly `HOPELESS_SHARE` of the prior satisfies the constraints, 20 of these draws are expected
to satisfy them, and the relative error of the estimate is about a fifth.
"""
LOOSEN_CONDITION = "loosen the condition, or remove it"
HOPELESS_SHARE = 1e-4
"""Share of the prior below which a warning is reported: a trial then takes over 10,000 draws."""


def check_feasibility(
    space: SearchSpace, relations: Relations, report: Report, *, complete: bool
) -> None:
    """Report conditions and constraints that the author of the space cannot have intended.

    A space that is not complete lacks some parameters, and the constraints on these parameters. A
    condition that is never true in such a space is never true in the complete space either, so
    errors are reported. Warnings are not reported, since they might not apply to the complete
    space.
    """
    checker = _FeasibilityChecker(space, relations, report, complete=complete)
    checker.conditions()
    checker.branches()
    checker.constraints()
    checker.divisors()


class _FeasibilityChecker:
    def __init__(
        self, space: SearchSpace, relations: Relations, report: Report, *, complete: bool
    ) -> None:
        self._space = space
        self._complete = complete
        self._relations = relations
        self._report = report

    @cached_property
    def _draws(self) -> NDArray[np.float64]:
        """Draws from the prior, whether or not they satisfy the constraints."""
        width = max(1, len(self._space))
        rows = max(1, min(DRAWS, MOST_CELLS // width))
        # The seed is constant, so that the same space gets the same findings in every run.
        return self._space.from_unit(rng(0, "judge").random((rows, len(self._space))))

    def conditions(self) -> None:
        """Report each condition of a parameter that is never or always true."""
        for column, parameter in enumerate(self._space.parameters):
            expr = self._relations.conditions.get(parameter.name)
            if expr is None:
                continue
            # In a row of values, nan stands for an inactive parameter.
            active = ~np.isnan(self._draws[:, column])
            if not active.any() and self._is_never_active(parameter):
                message = f"`{parameter.name}` is never active"
                self._error(Code.NEVER_ACTIVE, message, expr, LOOSEN_CONDITION)
            # In every draw that takes the branch, the parameter is active. So the condition may
            # always be true inside the branch, and only this matters.
            elif not (self._in_branch(parameter) & ~active).any():
                self._warn_if_always_true(
                    _true_outside_branch(parameter.when, self._space, expr.expression), expr
                )

    def branches(self) -> None:
        """Report each condition of a branch that is never or always true."""
        for (name, branch), expr in self._relations.branches.items():
            taken = self._space.parameters[self._space.index[name]].domain.value(branch)
            held = self._space.formula(expr.expression)(self._draws) == 1
            if not held.any() and prove(self._space, expr.expression) is Verdict.NEVER:
                message = f"the branch `{taken}` of `{name}` can never be taken"
                self._error(Code.NEVER_ACTIVE, message, expr, LOOSEN_CONDITION)
            elif held.all():
                self._warn_if_always_true(expr.expression, expr)

    def constraints(self) -> None:
        """Check each constraint, and then the share of draws that satisfies all constraints."""
        may_be_hopeless = self._complete and bool(self._space.constraints)
        for expr in self._relations.constraints:
            match self._violations(expr.expression):
                case Verdict.ALWAYS:
                    # After this error, a warning about the small share would add nothing.
                    may_be_hopeless = False
                    message = f"no assignment satisfies `{expr.source.text}`"
                    suggestion = "loosen the constraint, or widen the domains of its parameters"
                    self._error(Code.UNSATISFIABLE_CONSTRAINT, message, expr, suggestion)
                case Verdict.NEVER:
                    message = f"every assignment satisfies `{expr.source.text}`"
                    self._warn(Code.IDLE_CONSTRAINT, message, expr, "remove the constraint")
        if may_be_hopeless:
            self._check_feasible_share()

    def divisors(self) -> None:
        """Warn of each divisor that can be 0."""
        box = full_box(self._space)
        for expr in self._relations.divisors:
            # For most divisors, the interval of values over the whole space already excludes 0.
            found = self._space.formula(expr.expression).enclosure(box)
            zero = Comparison(expr.expression, "==", Literal(0))
            possible = found.low[0] <= 0 <= found.high[0]
            if possible and prove(self._space, zero) is not Verdict.NEVER:
                message = f"the divisor `{expr.source.text}` can be 0"
                suggestion = (
                    "a division by 0 has an unknown result; make sure that the divisor is never 0"
                )
                self._warn(Code.DIVISION_BY_ZERO, message, expr, suggestion)

    def _is_never_active(self, parameter: Parameter) -> bool:
        return prove_active(self._space, parameter.name) is Verdict.NEVER

    def _in_branch(self, parameter: Parameter) -> NDArray[np.bool_]:
        if parameter.when is None:
            return np.ones(len(self._draws), dtype=bool)
        taken = self._draws[:, self._space.index[parameter.when.parent]]
        return np.isin(taken, parameter.when.choices)

    def _violations(self, constraint: Expression) -> Verdict:
        """Tell whether a constraint is always, never or sometimes violated."""
        # A formula is 1 for true, 0 for false and nan for unknown. An unknown constraint is not
        # violated, so a test for values other than 1 would find too many violations.
        broken = self._space.formula(constraint)(self._draws) == 0
        if broken.any() and not broken.all():
            return Verdict.SOMETIMES
        return prove(self._space, Unary("not", constraint))

    def _check_feasible_share(self) -> None:
        # The finding concerns all constraints and branch conditions together, but can point to
        # one alone. It points to the last constraint, if there is any.
        expr = [*self._relations.branches.values(), *self._relations.constraints][-1]
        if self._space.size == 0:
            message = f"no assignment satisfies {self._conditions_together}"
            suggestion = "loosen a constraint or condition, or widen the domains of its parameters"
            self._error(Code.UNSATISFIABLE_CONSTRAINT, message, expr, suggestion)
            return
        # `share` is estimated from fewer draws. Only a small estimate needs more draws.
        if self._space.share > 10 * HOPELESS_SHARE:
            return
        met = round(self._space.share_of(MORE_DRAWS) * MORE_DRAWS)
        if met < HOPELESS_SHARE * MORE_DRAWS:
            share = f"only {met} of {MORE_DRAWS:,}" if met else f"none of {MORE_DRAWS:,}"
            verb = "satisfies" if met <= 1 else "satisfy"
            found = f"{share} draws from the prior {verb} {self._conditions_together}"
            suggestion = "derive one of the parameters from the others, or narrow the domains"
            self._warn(Code.HOPELESS_CONSTRAINT, found, expr, suggestion)

    @property
    def _conditions_together(self) -> str:
        """Describe all constraints and branch conditions together, for a message."""
        several = len(self._relations.constraints) > 1
        constraints = "all constraints" if several else "the constraint"
        if not self._relations.branches:
            return constraints
        branches = "the conditions of the branches"
        return f"{constraints} and {branches}" if self._relations.constraints else branches

    def _warn_if_always_true(self, condition: Expression, expr: ResolvedExpr) -> None:
        if prove(self._space, condition) is Verdict.ALWAYS:
            message = f"`{expr.source.text}` is always true"
            self._warn(Code.ALWAYS_ACTIVE, message, expr, "remove the condition")

    def _error(self, code: Code, message: str, expr: ResolvedExpr, help_: str) -> None:
        self._report.error(code, message, expr.source.text_span, help=help_)

    def _warn(self, code: Code, message: str, expr: ResolvedExpr, help_: str) -> None:
        if self._complete:
            self._report.warn(code, message, expr.source.text_span, help=help_)


def _true_outside_branch(
    when: Condition | None, space: SearchSpace, condition: Expression
) -> Expression:
    """Extend a condition so that it is also true if the branch of its parameter is not taken."""
    if when is None:
        return condition
    # For `momentum` in the branch `sgd`, with the condition `fast`, the result is: not
    # active(optimizer) or optimizer not in ["sgd"] or fast.
    domain = space.parameters[space.index[when.parent]].domain
    parent = Name(when.parent)
    taken = tuple(Literal(domain.value(choice)) for choice in when.choices)
    inactive = Unary("not", Call("active", (parent,)))
    outside = Membership(parent, taken, negated=True)
    return Chain(inactive, (("or", outside), ("or", condition)))
