"""Deliver attempts as their trials expect them: with the budget, and in which form of NNI's.

The budget is among the parameters, under the name that it has. The form that NNI had before
its version 0.8 writes ``{"layer0": {"_name": "Conv", "size": 3}, "layer1": {"_name": "Empty"}}``
as ``{"layer0": ["Conv", {"_index": 1, "_value": 3}], "layer1": "Empty"}``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sweepwright.events import Attempt, Trial
from sweepwright.space import NAME_KEY, Categorical, Domain, Parameter, SearchSpace

from ..plan.plan import Plan


def delivered(attempt: Attempt, plan: Plan) -> Attempt:
    """Put an attempt into the form that the plan says trials expect."""
    trial = attempt.trial
    assignment = (
        nni_v0_form(trial.assignment, plan.space) if plan.nni_v0_format else trial.assignment
    )
    if plan.budget is None or trial.budget is None:
        return replace(attempt, trial=replace(trial, assignment=assignment))
    budget = plan.budget.delivered(trial.budget)
    given = {plan.budget.name: budget} if plan.budget.name else {}
    return replace(attempt, trial=Trial(trial.number, {**assignment, **given}, budget))


def nni_v0_form(assignment: Mapping[str, Any], space: SearchSpace) -> dict[str, Any]:
    """Write every nested choice as its name, or as a list of its name and what is below it."""
    return {key: _outer(value, (key,), space) for key, value in assignment.items()}


def _outer(value: Any, path: tuple[str, ...], space: SearchSpace) -> Any:
    if not isinstance(value, Mapping) or NAME_KEY not in value:
        return value
    below = [
        _inner(inner, (*path, key), value[NAME_KEY], space)
        for key, inner in value.items()
        if key != NAME_KEY
    ]
    return [value[NAME_KEY], *below] if below else value[NAME_KEY]


def _inner(value: Any, path: tuple[str, ...], branch: str, space: SearchSpace) -> Any:
    """Write what is below a branch, where NNI told of a choice which one it was as well."""
    domains = (p.domain for p in space.parameters if p.path == path and _is_in(p, branch, space))
    domain: Domain | None = next(domains, None)
    if isinstance(domain, Categorical):
        return {"_index": int(domain.number(value) or 0), "_value": value}
    return _outer(value, path, space)


def _is_in(parameter: Parameter, branch: str, space: SearchSpace) -> bool:
    when = parameter.when
    if when is None:
        return False
    domain = space.parameters[space.index[when.parent]].domain
    return any(domain.value(choice) == branch for choice in when.choices)
