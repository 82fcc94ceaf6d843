"""The probability that a draw from the prior takes each branch of a nested choice.

If only choices decide whether a parameter is active, the probability is exact: the product of the
weights along the path to the branch. If conditions or constraints are involved, no such formula
exists, and the probability is estimated from random draws.
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
"""Identifies a branch by the name of its choice and its index among the choice's branches."""

DRAWS = 10_000
"""Number of draws for an estimate. The standard error is then at most 0.005, half a percentage
point."""
MIN_DRAWS = 100
"""Smallest number of draws for which an estimate is displayed. With fewer draws, the standard
error could exceed 0.05."""
MAX_ATTEMPTS = 400_000
"""Largest number of draws for an estimate, including rejected draws, in a space of up to 100
parameters; larger spaces get proportionally fewer draws. If constraints reject almost every draw,
the estimate then takes about two seconds at most."""
MAX_CELLS = 4_000_000
"""Largest number of cells in the matrix of draws, which has a row per draw and a column per
parameter. Its memory is thus at most 32 MB."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a nested choice, and the nested choices inside the branch."""

    name: str
    probability: float | None
    """Probability that a draw takes this branch, and therefore every branch that encloses it; None
    if the probability is unknown."""
    estimated: bool = False
    """Whether the probability was estimated from draws."""
    choices: tuple["NestedChoice", ...] = ()


@dataclass(frozen=True, slots=True)
class NestedChoice:
    """A nested choice and its branches. `parameter` is the choice's name in the space."""

    parameter: str
    branches: tuple[Branch, ...]


def branch_probabilities(space: SearchSpace) -> tuple[NestedChoice, ...]:
    """Return the nested choices of a space as a tree, with the probability of each branch."""
    return _Tree(space).choices(None)


class _Tree:
    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._inside: dict[BranchKey | None, list[Parameter]] = defaultdict(list)
        """The nested choices directly inside each branch. The key None stands for the top
        level."""
        for parameter in space.parameters:
            if isinstance(parameter.domain, Nested):
                self._inside[self._branch_around(parameter)].append(parameter)

    def choices(self, branch: BranchKey | None) -> tuple[NestedChoice, ...]:
        """Return the nested choices directly inside a branch, or those of the top level."""
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
        # An inactive choice is nan in a draw, which equals no branch.
        return [float((column == branch).mean()) for branch in range(size)]

    @cached_property
    def _draws(self) -> NDArray[np.float64] | None:
        """Draw from the prior; return None if constraints reject too many draws."""
        space = self._space
        # Rejection sampling accepts about this many of MAX_ATTEMPTS draws.
        accepted = MAX_ATTEMPTS * space.share / max(1, len(space) / 100)
        count = min(DRAWS, MAX_CELLS // len(space), int(accepted))
        try:
            # The seed is constant, so that `plan` shows the same shares in every run.
            return space.sample(rng(0, "branches"), count) if count >= MIN_DRAWS else None
        except InfeasibleError:
            return None

    def _is_conditional(self, parameter: Parameter) -> bool:
        """Tell whether conditions, and not only choices, decide whether a parameter is active."""
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
        """Return the probability that the choices around a parameter make it active."""
        parent = self._parent(parameter)
        if parent is None or parameter.when is None:
            return 1.0
        assert isinstance(parent.domain, Categorical | Nested), "only choices have dependants"
        shares = _shares(parent.domain)
        # The choices that activate a parameter exclude each other, so their shares are added.
        return self._activity(parent) * fsum(shares[choice] for choice in parameter.when.choices)

    def _parent(self, parameter: Parameter) -> Parameter | None:
        when = parameter.when
        return None if when is None else self._space.parameters[self._space.index[when.parent]]


def _shares(domain: Categorical | Nested) -> Sequence[float]:
    weights = domain.weights or (1.0,) * domain.size
    total = fsum(weights)
    return [weight / total for weight in weights]
