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
from .names import Named

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
    space: SearchSpace, relations: Relations, report: Report, *, whole: bool
) -> None:
    """Report what conditions and constraints come to, where it cannot be what was meant.

    Of a space that lacks a part for a fault in it, it is still known what is never true in it.
    """
    judge = _Judge(space, relations, report, whole=whole)
    judge.conditions()
    judge.branches()
    judge.constraints()
    judge.divisors()


class _Judge:
    def __init__(
        self, space: SearchSpace, relations: Relations, report: Report, *, whole: bool
    ) -> None:
        self._space = space
        self._whole = whole
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
            named = self._relations.conditions.get(parameter.name)
            if named is None:
                continue
            active = ~np.isnan(self._drawn[:, column])
            if not active.any() and self._is_never_active(parameter):
                message = f"`{parameter.name}` is never active"
                self._error(Code.NEVER_ACTIVE, message, named, LOOSEN)
            elif not (self._in_branch(parameter) & ~active).any():
                self._judge_always(
                    _or_outside(parameter.when, self._space, named.expression), named
                )

    def branches(self) -> None:
        """Look at the branches of nested choices that might never be taken."""
        for (name, branch), named in self._relations.branches.items():
            taken = self._space.parameters[self._space.index[name]].domain.value(branch)
            held = self._space.formula(named.expression)(self._drawn) == 1
            if not held.any() and prove(self._space, named.expression) is Verdict.NEVER:
                message = f"the branch `{taken}` of `{name}` can never be taken"
                self._error(Code.NEVER_ACTIVE, message, named, LOOSEN)
            elif held.all():
                self._judge_always(named.expression, named)

    def constraints(self) -> None:
        """Look at each constraint by itself, and at how much all of them leave together."""
        hopeful = self._whole and bool(self._space.constraints)
        for named in self._relations.constraints:
            match self._breaks(named.expression):
                case Verdict.ALWAYS:
                    hopeful = False
                    message = f"no assignment meets `{named.written.text}`"
                    way_out = "loosen it, or widen the domains of what it is about"
                    self._error(Code.UNSATISFIABLE_CONSTRAINT, message, named, way_out)
                case Verdict.NEVER:
                    message = f"every assignment meets `{named.written.text}`"
                    self._warn(Code.IDLE_CONSTRAINT, message, named, "leave it out")
        if hopeful:
            self._judge_share()

    def divisors(self) -> None:
        """Look at what is divided by, which may be 0."""
        whole = whole_box(self._space)
        for named in self._relations.divisors:
            found = self._space.formula(named.expression).enclosed(whole)
            zero = Comparison(named.expression, "==", Literal(0))
            possible = found.low[0] <= 0 <= found.high[0]
            if possible and prove(self._space, zero) is not Verdict.NEVER:
                message = f"`{named.written.text}` can be 0, by which nothing can be divided"
                way_out = "where it is, the value is unknown; add something to it"
                self._warn(Code.DIVISION_BY_ZERO, message, named, way_out)

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
        named = [*self._relations.branches.values(), *self._relations.constraints][-1]
        if self._space.size == 0:
            message = f"no assignment meets {self._all}"
            way_out = "loosen one, or widen the domains of what they are about"
            self._error(Code.UNSATISFIABLE_CONSTRAINT, message, named, way_out)
            return
        if self._space.share > 10 * HOPELESS:
            return
        met = round(self._space.share_of(MANY_DRAWS) * MANY_DRAWS)
        if met < HOPELESS * MANY_DRAWS:
            verb = "meets" if met <= 1 else "meet"
            found = f"of {MANY_DRAWS:,} draws from the prior {met or 'none'} {verb} {self._all}"
            way_out = "derive one of the parameters from the others, or narrow the domains"
            self._warn(Code.HOPELESS_CONSTRAINT, found, named, way_out)

    @property
    def _all(self) -> str:
        """Name all that keeps an assignment from being one."""
        several = len(self._relations.constraints) > 1
        constraints = "all constraints" if several else "the constraint"
        if not self._relations.branches:
            return constraints
        branches = "what the branches ask for"
        return f"{constraints} and {branches}" if self._relations.constraints else branches

    def _judge_always(self, condition: Expression, named: Named) -> None:
        if prove(self._space, condition) is Verdict.ALWAYS:
            message = f"`{named.written.text}` always holds"
            self._warn(Code.ALWAYS_ACTIVE, message, named, "leave the condition out")

    def _error(self, code: Code, message: str, named: Named, help_: str) -> None:
        self._report.error(code, message, _whole_text(named), help=help_)

    def _warn(self, code: Code, message: str, named: Named, help_: str) -> None:
        if self._whole:
            self._report.warn(code, message, _whole_text(named), help=help_)


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


def _whole_text(named: Named) -> Span:
    return named.written.at(0, len(named.written.text))
