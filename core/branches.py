"""Branches: how likely a draw from the prior takes each branch of a nested choice."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import TypeAlias

from sweepwright.space import Categorical, Nested, Parameter, SearchSpace

Place: TypeAlias = tuple[str, int]
"""A branch: the name of its choice, and its index there."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch, with the nested choices inside it."""

    name: str
    probability: float
    """How likely a draw takes it, and so all the branches around it."""
    choices: tuple["Choice", ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A nested choice, under its name in the space."""

    parameter: str
    branches: tuple[Branch, ...]


def branches(space: SearchSpace) -> tuple[Choice, ...]:
    """Arrange the nested choices of a space as a tree, as deep as they go."""
    return _Tree(space).choices(None)


class _Tree:
    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._inside: dict[Place | None, list[Parameter]] = defaultdict(list)
        for parameter in space.parameters:
            if isinstance(parameter.domain, Nested):
                self._inside[self._place(parameter)].append(parameter)

    def choices(self, place: Place | None) -> tuple[Choice, ...]:
        """List the nested choices right inside a branch, or those at the root."""
        return tuple(
            Choice(parameter.name, self._branches(parameter, parameter.domain))
            for parameter in self._inside.get(place, ())
            if isinstance(parameter.domain, Nested)
        )

    def _branches(self, parameter: Parameter, domain: Nested) -> tuple[Branch, ...]:
        active = self._chance(parameter)
        return tuple(
            Branch(name, active * share, self.choices((parameter.name, index)))
            for index, (name, share) in enumerate(
                zip(domain.branches, _shares(domain), strict=True)
            )
        )

    def _place(self, parameter: Parameter) -> Place | None:
        """Find the branch that a parameter is in."""
        parent = self._parent(parameter)
        if parent is None or parameter.when is None:
            return None
        if isinstance(parent.domain, Nested):
            return parent.name, parameter.when.choices[0]
        return self._place(parent)

    def _chance(self, parameter: Parameter) -> float:
        """Say how likely a draw makes a parameter active."""
        parent = self._parent(parameter)
        if parent is None or parameter.when is None:
            return 1.0
        assert isinstance(parent.domain, Categorical | Nested), "only choices have dependants"
        shares = _shares(parent.domain)
        return self._chance(parent) * fsum(shares[choice] for choice in parameter.when.choices)

    def _parent(self, parameter: Parameter) -> Parameter | None:
        when = parameter.when
        return None if when is None else self._space.parameters[self._space.index[when.parent]]


def _shares(domain: Categorical | Nested) -> Sequence[float]:
    weights = domain.weights or (1.0,) * domain.size
    whole = fsum(weights)
    return [weight / whole for weight in weights]
