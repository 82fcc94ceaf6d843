"""How likely a draw from the prior takes each branch of a nested choice.

Where only choices decide whether a parameter is active, the probability is exact: the product of
the weights on the way to it. Conditions and constraints have no such formula, so there it is
estimated from draws.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweepwright.seeds import rng
from sweepwright.space import Categorical, InfeasibleError, Nested, Parameter, SearchSpace

BranchKey: TypeAlias = tuple[str, int]
"""A branch: the name of its choice, and its index there."""

DRAWS = 10_000
"""Draws for an estimate. Its standard error is then at most 0.005, half a percentage point."""
MIN_DRAWS = 100
"""Draws below which no estimate is shown: its standard error could exceed 0.05."""
MAX_ATTEMPTS = 400_000
"""Draws for an estimate, rejected ones included, in a space of up to 100 parameters; fewer in a
larger one. Constraints that reject almost everything then take about two seconds at most."""
MAX_CELLS = 4_000_000
"""Draws times parameters, which bounds the memory of the matrix of draws to 32 MB."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a nested choice, with the nested choices inside it."""

    name: str
    probability: float | None
    """How likely a draw takes it, and so all branches around it; None if that is unknown."""
    estimated: bool = False
    """Whether it was estimated from draws."""
    choices: tuple["NestedChoice", ...] = ()


@dataclass(frozen=True, slots=True)
class NestedChoice:
    """A nested choice, under its name in the space."""

    parameter: str
    branches: tuple[Branch, ...]


def branch_probabilities(space: SearchSpace) -> tuple[NestedChoice, ...]:
    """Return the nested choices of a space as a tree, with the probability of each branch."""
    return _Tree(space).choices(None)


class _Tree:
    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._inside: dict[BranchKey | None, list[Parameter]] = defaultdict(list)
        """The nested choices directly inside each branch; under None those at the root."""
        for parameter in space.parameters:
            if isinstance(parameter.domain, Nested):
                self._inside[self._branch_around(parameter)].append(parameter)

    def choices(self, branch: BranchKey | None) -> tuple[NestedChoice, ...]:
        """Return the nested choices directly inside a branch, or those at the root."""
        return tuple(
            NestedChoice(parameter.name, self._branches(parameter, parameter.domain))
            for parameter in self._inside.get(branch, ())
            if isinstance(parameter.domain, Nested)
        )

    def _branches(self, parameter: Parameter, domain: Nested) -> tuple[Branch, ...]:
        estimated = bool(self._space.constraints) or self._is_conditional(parameter)
        found = self._estimated(parameter) if estimated else self._exact(parameter, domain)
        return tuple(
            Branch(name, probability, estimated, self.choices((parameter.name, index)))
            for index, (name, probability) in enumerate(zip(domain.branches, found, strict=True))
        )

    def _exact(self, parameter: Parameter, domain: Nested) -> list[float]:
        active = self._activity(parameter)
        return [active * share for share in _shares(domain)]

    def _estimated(self, parameter: Parameter) -> Sequence[float | None]:
        size = parameter.domain.size or 0
        if self._draws is None:
            return [None] * size
        column = self._draws[:, self._space.index[parameter.name]]
        return [float((column == branch).mean()) for branch in range(size)]

    @cached_property
    def _draws(self) -> NDArray[np.float64] | None:
        """Draws from the prior; None where constraints reject too many."""
        space = self._space
        # Rejection sampling: of MAX_ATTEMPTS draws, this many are expected to be accepted.
        accepted = MAX_ATTEMPTS * space.share / max(1, len(space) / 100)
        count = min(DRAWS, MAX_CELLS // len(space), int(accepted))
        try:
            return space.sample(rng(0, "branches"), count) if count >= MIN_DRAWS else None
        except InfeasibleError:
            return None

    def _is_conditional(self, parameter: Parameter) -> bool:
        """Tell whether anything but choices decides whether a parameter is active."""
        parent = self._parent(parameter)
        above = parent is not None and self._is_conditional(parent)
        return parameter.condition is not None or above

    def _branch_around(self, parameter: Parameter) -> BranchKey | None:
        parent = self._parent(parameter)
        if parent is None or parameter.when is None:
            return None
        if isinstance(parent.domain, Nested):
            return parent.name, parameter.when.choices[0]
        return self._branch_around(parent)

    def _activity(self, parameter: Parameter) -> float:
        """Return how likely choices make a parameter active."""
        parent = self._parent(parameter)
        if parent is None or parameter.when is None:
            return 1.0
        assert isinstance(parent.domain, Categorical | Nested), "only choices have dependants"
        shares = _shares(parent.domain)
        return self._activity(parent) * fsum(shares[choice] for choice in parameter.when.choices)

    def _parent(self, parameter: Parameter) -> Parameter | None:
        when = parameter.when
        return None if when is None else self._space.parameters[self._space.index[when.parent]]


def _shares(domain: Categorical | Nested) -> Sequence[float]:
    weights = domain.weights or (1.0,) * domain.size
    total = fsum(weights)
    return [weight / total for weight in weights]
