"""Deliver assignments in the form that NNI had before its version 0.8, to trials that expect it.

Before: ``{"layer0": {"_name": "Conv", "size": 3}, "layer1": {"_name": "Empty"}}``.
After: ``{"layer0": ["Conv", {"_index": 1, "_value": 3}], "layer1": "Empty"}``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sweepwright.events import Attempt
from sweepwright.space import NAME_KEY, Categorical, Domain, Parameter, SearchSpace

from .ir import Plan


def delivered(attempt: Attempt, plan: Plan) -> Attempt:
    """Put the assignment of an attempt into the form that the plan says trials expect."""
    if not plan.oldest:
        return attempt
    assignment = oldest_form(attempt.trial.assignment, plan.space)
    return replace(attempt, trial=replace(attempt.trial, assignment=assignment))


def oldest_form(assignment: Mapping[str, Any], space: SearchSpace) -> dict[str, Any]:
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
