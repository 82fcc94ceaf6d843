"""Build the search space from drafts: resolve and check the relations between parameters.

Before: drafts, with conditions, constraints and derived values as source text.
After: a `SearchSpace`, and the assignments to try first.

Assignments to try first are completed with defaults, and each must be in the space.

Before: ``start: [{lr: 0.01}]``, where the default of ``momentum`` is 0.9.
After: ``{lr: 0.01, momentum: 0.9}``, as a trial receives it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from sweepwright.diagnostics import Code, Report, Severity, nearest_name
from sweepwright.events import Assignment
from sweepwright.expressions import Expression, Literal, Name, can_be_unknown
from sweepwright.expressions.syntax import Call, Chain, Comparison
from sweepwright.space import NAME_KEY, Derived, Misfit, MisfitKind, Parameter, SearchSpace

from ..spans import Spans
from ..stages import DerivedDraft, Drafted, Spaced, StartDraft
from .dependencies import report_cycle, topological_sort
from .expressions import Relations, read_relations
from .names import check_names
from .proofs import check_feasibility


def relate(drafted: Drafted, report: Report) -> Spaced:
    """Build the space, and report faults in its expressions and in the starting assignments."""
    # Each step continues with everything that the previous steps found valid, so that one run
    # reports all faults. Only the assignments to try first need a complete space.
    # Errors that earlier passes have reported do not make the space incomplete.
    before = len(report.diagnostics)
    relations = _without_cycles(drafted, read_relations(drafted, report), report)
    space = _space(drafted, relations)
    check_names(drafted, report)
    check_feasibility(
        space, relations, report, complete=drafted.complete and _no_errors_since(before, report)
    )
    # Ask again, since the proofs may have found errors.
    complete = drafted.complete and _no_errors_since(before, report)
    origins = {draft.parameter.name: draft.origin for draft in drafted.parameters}
    spaced = Spaced(drafted.bound, space, complete, origins)
    if not complete:
        return spaced
    start = read_start(drafted.start, space, drafted.bound.resolved.spans, report)
    return replace(spaced, start=start, nni_v0_format=drafted.nni_v0_format)


def _no_errors_since(before: int, report: Report) -> bool:
    """Tell whether the report contains no errors beyond its first `before` findings."""
    return all(found.severity is not Severity.ERROR for found in report.diagnostics[before:])


def _without_cycles(drafted: Drafted, relations: Relations, report: Report) -> Relations:
    """Report cycles of conditions, and remove the conditions of the parameters in a cycle."""
    _, cycles = topological_sort(_dependencies(drafted, relations))
    for cycle in cycles:
        report_cycle(cycle, relations.conditions, report)
    cyclic = {name for cycle in cycles for name in cycle}
    # Without these conditions, the parameters have an order again, and can be checked.
    kept = {name: expr for name, expr in relations.conditions.items() if name not in cyclic}
    return replace(relations, conditions=kept)


def _dependencies(drafted: Drafted, relations: Relations) -> dict[str, list[str]]:
    """Map each parameter to the parameters that decide whether it is active."""
    return {
        parameter.name: [
            *([parameter.when.parent] if parameter.when else []),
            *_names_in_condition(relations, parameter.name),
        ]
        for parameter in (draft.parameter for draft in drafted.parameters)
    }


def _names_in_condition(relations: Relations, name: str) -> list[str]:
    expr = relations.conditions.get(name)
    return expr.names if expr else []


def _space(drafted: Drafted, relations: Relations) -> SearchSpace:
    """Build the space from the valid drafts, with each parameter after its dependencies."""
    order, _ = topological_sort(_dependencies(drafted, relations))
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
    """Turn each condition for taking a branch into a constraint on the choice.

    The constraint reads: the choice takes another branch, or the condition is true. An assignment
    violates a constraint only if the constraint is false, but a branch may be taken only if its
    condition is true. So if a condition may be unknown, `active` turns unknown into false.
    """
    for (name, branch), expr in relations.branches.items():
        # If the choice itself is inactive, this comparison is unknown, and then the constraint is
        # not violated.
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
    """Add defaults to the starting assignments, and report values that are not in the space."""
    complete_assignments = []
    for draft in drafts:
        misfits = space.misfits(draft.values, complete=True)
        for misfit in misfits:
            _report_misfit(misfit, draft, space, spans, report)
        if not misfits:
            complete_assignments.append(space.completed(draft.values))
    return tuple(complete_assignments)


def _report_misfit(
    misfit: Misfit, draft: StartDraft, space: SearchSpace, spans: Spans, report: Report
) -> None:
    what = f"`{'.'.join(misfit.path)}`" if misfit.path else "the assignment"
    at = (*draft.origin, *misfit.path)
    unknown = misfit.kind is MisfitKind.UNKNOWN
    span = spans.key(at) if unknown else spans.value(at)
    suggestion = None
    if unknown:
        suggestion = _suggest_for_unknown(misfit.path[-1], {p.path[-1] for p in space.parameters})
    elif misfit.kind is MisfitKind.MISSING:
        suggestion = "add a value here, or a default in the space"
    elif misfit.kind is MisfitKind.NOT_A_BRANCH:
        suggestion = f"write `{{{NAME_KEY}: …}}`, with the parameters of the branch"
    report.error(Code.BAD_START, f"{what} {misfit.message}", span, help=suggestion)


def _suggest_for_unknown(key: str, known: Collection[str]) -> str:
    if key in known:
        return "remove the value, or choose values that activate the parameter"
    near = nearest_name(key, known)
    return f"did you mean `{near}`?" if near else "remove the value"
