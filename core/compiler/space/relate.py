"""Relate parameters to one another: conditions, constraints and derived values are understood.

Before: drafts, with conditions as they were written.
After: a `SearchSpace` that honours them, and the assignments to start with.

Read the assignments to start with: defaults fill them up, and each must be of the space.

Before: ``start: [{lr: 0.01}]``, of a space whose ``momentum`` is 0.9 by default.
After: ``{lr: 0.01, momentum: 0.9}``, as a trial receives it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from sweepwright.diagnostics import Code, Report, Severity
from sweepwright.events import Assignment
from sweepwright.expressions import Expression, Literal, Name, can_be_unknown
from sweepwright.expressions.syntax import Call, Chain, Comparison
from sweepwright.space import NAME_KEY, Derived, Misfit, Parameter, SearchSpace

from ..spans import Spans
from ..stages import DerivedDraft, Drafted, Spaced, StartDraft
from .expressions import Relations, read_relations
from .names import check_names, report_cycle, topological_sort
from .proofs import check_feasibility


def relate(drafted: Drafted, report: Report) -> Spaced:
    """Build the space, reporting whatever is wrong in what is said about its parameters."""
    before = len(report.diagnostics)
    relations = _without_cycles(drafted, read_relations(drafted, report), report)
    space = _space(drafted, relations)
    check_names(drafted, report)
    check_feasibility(
        space, relations, report, complete=drafted.complete and _sound_since(before, report)
    )
    complete = drafted.complete and _sound_since(before, report)
    origins = {draft.parameter.name: draft.origin for draft in drafted.parameters}
    spaced = Spaced(drafted.bound, space, complete, origins)
    if not complete:
        return spaced
    start = read_start(drafted.start, space, drafted.bound.resolved.spans, report)
    return replace(spaced, start=start, nni_v0_format=drafted.nni_v0_format)


def _sound_since(before: int, report: Report) -> bool:
    """Tell whether no error was found since there were so many findings."""
    return all(found.severity is not Severity.ERROR for found in report.diagnostics[before:])


def _without_cycles(drafted: Drafted, relations: Relations, report: Report) -> Relations:
    """Leave out the conditions of what depends on itself, in whatever way."""
    _, cycles = topological_sort(_needs(drafted, relations))
    for cycle in cycles:
        report_cycle(cycle, relations.conditions, report)
    cyclic = {name for cycle in cycles for name in cycle}
    kept = {name: said for name, said in relations.conditions.items() if name not in cyclic}
    return replace(relations, conditions=kept)


def _needs(drafted: Drafted, relations: Relations) -> dict[str, list[str]]:
    """List for each parameter what decides on whether it is active."""
    return {
        parameter.name: [
            *([parameter.when.parent] if parameter.when else []),
            *_names(relations, parameter.name),
        ]
        for parameter in (draft.parameter for draft in drafted.parameters)
    }


def _names(relations: Relations, name: str) -> list[str]:
    expr = relations.conditions.get(name)
    return expr.names if expr else []


def _space(drafted: Drafted, relations: Relations) -> SearchSpace:
    """Build the space, without whatever is at fault; what others depend on comes first."""
    order, _ = topological_sort(_needs(drafted, relations))
    parameters = {
        draft.parameter.name: replace(
            draft.parameter, condition=_condition(relations, draft.parameter.name)
        )
        for draft in drafted.parameters
    }
    constraints = [expr.expression for expr in relations.constraints]
    return SearchSpace(
        [parameters[name] for name in order],
        [*constraints, *_branch_constraints(relations, parameters)],
        [
            _derived(draft, relations)
            for draft in drafted.derived
            if draft.name in relations.derived
        ],
    )


def _condition(relations: Relations, name: str) -> Expression | None:
    expr = relations.conditions.get(name)
    return expr.expression if expr else None


def _derived(draft: DerivedDraft, relations: Relations) -> Derived:
    expression = relations.derived[draft.name].expression
    condition = _condition(relations, draft.name)
    return Derived(draft.name, expression, draft.path, draft.when, condition)


def _branch_constraints(
    relations: Relations, parameters: Mapping[str, Parameter]
) -> Iterator[Expression]:
    """Write a condition on taking a branch as a constraint: it must be true, and so be known."""
    for (name, branch), expr in relations.branches.items():
        another = Comparison(Name(name), "!=", Literal(parameters[name].domain.value(branch)))
        needed = expr.expression
        if can_be_unknown(needed) or any(_is_conditional(parameters[n]) for n in expr.names):
            needed = Chain(Call("active", (needed,)), (("and", needed),))
        yield Chain(another, (("or", needed),))


def _is_conditional(parameter: Parameter) -> bool:
    return parameter.when is not None or parameter.condition is not None


def read_start(
    drafts: Sequence[StartDraft], space: SearchSpace, spans: Spans, report: Report
) -> tuple[Assignment, ...]:
    """Complete every assignment, reporting each value that the space does not hold."""
    sound = []
    for draft in drafts:
        misfits = space.misfits(draft.values, complete=True)
        for misfit in misfits:
            _report(misfit, draft, space, spans, report)
        if not misfits:
            sound.append(space.completed(draft.values))
    return tuple(sound)


def _report(
    misfit: Misfit, draft: StartDraft, space: SearchSpace, spans: Spans, report: Report
) -> None:
    what = f"`{'.'.join(misfit.path)}`" if misfit.path else "the assignment"
    at = (*draft.origin, *misfit.path)
    unknown = misfit.message.startswith("is no parameter")
    span = spans.key(at) if unknown else spans.value(at)
    suggestion = None
    if unknown:
        suggestion = _instead(misfit.path[-1], {p.path[-1] for p in space.parameters})
    elif misfit.message.startswith("is missing"):
        suggestion = "give it a value here, or a default in the space"
    elif NAME_KEY in misfit.message:
        suggestion = f"write `{{{NAME_KEY}: …}}`, with the parameters of the branch beside it"
    report.error(Code.BAD_START, f"{what} {misfit.message}", span, help=suggestion)


def _instead(key: str, known: Collection[str]) -> str:
    if key in known:
        return "leave it out, or choose what activates it"
    near = get_close_matches(key, known, n=1)
    return f"did you mean `{near[0]}`?" if near else "leave it out"
