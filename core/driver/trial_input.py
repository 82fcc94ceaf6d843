"""The input of a trial: its assignment and budget, in the format that the trial expects.

The budget is added to the parameters under the name that is set in the configuration.

NNI before version 0.8 (``nni.version: v0``) delivered nested choices in another format. The
current format is ``{"layer0": {"_name": "Conv", "size": 3}, "layer1": {"_name": "Empty"}}``. The
old format of the same assignment is ``{"layer0": ["Conv", {"_index": 1, "_value": 3}], "layer1":
"Empty"}``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sweepwright.events import Attempt, Trial
from sweepwright.space import NAME_KEY, Categorical, Domain, Parameter, SearchSpace

from ..plan.plan import Plan


def trial_input(attempt: Attempt, plan: Plan) -> Attempt:
    """Return a copy of an attempt whose assignment is in the format that the trial expects."""
    trial = attempt.trial
    assignment = trial.assignment
    if plan.nni_v0_format:
        assignment = nni_v0_assignment(assignment, plan.space)
    if plan.budget is None or trial.budget is None:
        return replace(attempt, trial=replace(trial, assignment=assignment))
    budget = plan.budget.delivered(trial.budget)
    named = {plan.budget.name: budget} if plan.budget.name else {}
    return replace(attempt, trial=Trial(trial.number, {**assignment, **named}, budget))


def nni_v0_assignment(assignment: Mapping[str, Any], space: SearchSpace) -> dict[str, Any]:
    """Convert an assignment to the format of NNI before version 0.8.

    If the branch of a nested choice has parameters, the choice becomes a list of the branch's name
    and the values of these parameters. Otherwise it becomes the name alone.
    """
    return {key: _convert(value, (key,), space) for key, value in assignment.items()}


def _convert(value: Any, path: tuple[str, ...], space: SearchSpace) -> Any:
    if not isinstance(value, Mapping) or NAME_KEY not in value:
        return value
    inside = [
        _convert_in_branch(inner, (*path, key), value[NAME_KEY], space)
        for key, inner in value.items()
        if key != NAME_KEY
    ]
    return [value[NAME_KEY], *inside] if inside else value[NAME_KEY]


def _convert_in_branch(value: Any, path: tuple[str, ...], branch: str, space: SearchSpace) -> Any:
    """Convert a value inside a branch. A choice becomes its index and its value."""
    domains = (p.domain for p in space.parameters if p.path == path and _is_in(p, branch, space))
    domain: Domain | None = next(domains, None)
    if isinstance(domain, Categorical):
        return {"_index": int(domain.number(value) or 0), "_value": value}
    return _convert(value, path, space)


def _is_in(parameter: Parameter, branch: str, space: SearchSpace) -> bool:
    """Tell whether a parameter belongs to a branch; its path may occur in several branches."""
    when = parameter.when
    if when is None:
        return False
    domain = space.parameters[space.index[when.parent]].domain
    return any(domain.value(choice) == branch for choice in when.choices)
