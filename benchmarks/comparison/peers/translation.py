"""Our search spaces in the notation of peers: suggest calls in order, or a tree of choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweepwright.space import Categorical, Integer, Nested, Ordinal, Parameter, Real, SearchSpace


def suggest(trial: Any, space: SearchSpace) -> dict[str, Any]:
    """Call a trial's ``suggest_*`` for each active parameter, in Optuna's define-by-run style."""
    values: dict[str, Any] = {}
    for parameter in space.parameters:
        if is_active(space, parameter, values):
            values[parameter.name] = _suggested(trial, parameter)
    return values


def is_active(space: SearchSpace, parameter: Parameter, values: Mapping[str, Any]) -> bool:
    """Tell whether a parameter is in the chosen branch."""
    assert parameter.condition is None, "peers have no conditions but branches"
    when = parameter.when
    if when is None:
        return True
    domain = space.parameters[space.index[when.parent]].domain
    return when.parent in values and domain.number(values[when.parent]) in when.choices


def _suggested(trial: Any, parameter: Parameter) -> Any:
    name = parameter.name
    match parameter.domain:
        case Real(low, high, log, step):
            return trial.suggest_float(name, low, high, log=log, step=step)
        case Integer(low, high, log, step):
            return trial.suggest_int(name, low, high, log=log, step=step)
        case Ordinal(choices):  # which Optuna lacks; as an int it keeps its order
            return choices[trial.suggest_int(name, 0, len(choices) - 1)]
        case Categorical(choices) | Nested(choices):
            return trial.suggest_categorical(name, choices)
    raise TypeError(f"peers have no {type(parameter.domain).__name__}")


@dataclass
class Knot:
    """A parameter in a tree, with the subtrees that each of its options activates."""

    parameter: Parameter
    under: Sequence[list["Knot"]] = field(default_factory=list)


def tree(space: SearchSpace) -> list[Knot]:
    """Arrange parameters under the choices that activate them; return the roots.

    A parameter that several options activate is the same node under each.
    """
    knots = {p.name: Knot(p, [[] for _ in range(_branches(p))]) for p in space.parameters}
    roots = []
    for knot in knots.values():
        when = knot.parameter.when
        if when is None:
            roots.append(knot)
        else:
            for choice in when.choices:
                knots[when.parent].under[choice].append(knot)
    return roots


def _branches(parameter: Parameter) -> int:
    domain = parameter.domain
    return domain.size if isinstance(domain, Categorical | Nested) else 0


def snapped(parameter: Parameter, number: float) -> Any:
    """Return the value nearest to a number, for peers whose steps and bounds are not exact."""
    match parameter.domain:
        case Real(low, high, _, step):
            stepped = number if step is None else round(number / step) * step
            return float(min(high, max(low, stepped)))
        case Integer(low, high, _, step):
            return min(high, max(low, round(number / step) * step))
        case Ordinal(choices) | Categorical(choices) | Nested(choices):
            return choices[int(min(len(choices) - 1, max(0, round(number))))]
    raise TypeError(f"peers have no {type(parameter.domain).__name__}")
