"""Branches: how likely a draw from the prior takes each branch of a nested choice."""

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

Place: TypeAlias = tuple[str, int]
"""A branch: the name of its choice, and its index there."""

DRAWS = 10_000
"""Draws by which a probability is estimated."""
FEWEST_DRAWS = 100
"""Draws below which an estimate would tell nothing."""
MOST_TRIED = 400_000
"""Draws that an estimate may take, those in vain included, in spaces of up to a hundred
parameters."""
MOST_CELLS = 4_000_000
"""Numbers that are drawn, at most."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch, with the nested choices inside it."""

    name: str
    probability: float | None
    """How likely a draw takes it, and so all the branches around it; None for who knows."""
    estimated: bool = False
    """Whether that is what draws came to, for conditions or constraints have a say in it."""
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
        estimated = bool(self._space.constraints) or self._is_conditional(parameter)
        chances = self._drawn(parameter) if estimated else self._exact(parameter, domain)
        return tuple(
            Branch(name, chance, estimated, self.choices((parameter.name, index)))
            for index, (name, chance) in enumerate(zip(domain.branches, chances, strict=True))
        )

    def _exact(self, parameter: Parameter, domain: Nested) -> list[float]:
        active = self._chance(parameter)
        return [active * share for share in _shares(domain)]

    def _drawn(self, parameter: Parameter) -> Sequence[float | None]:
        size = parameter.domain.size or 0
        if self._draws is None:
            return [None] * size
        column = self._draws[:, self._space.index[parameter.name]]
        return [float((column == branch).mean()) for branch in range(size)]

    @cached_property
    def _draws(self) -> NDArray[np.float64] | None:
        """Draw from the prior; None where constraints leave too little to draw."""
        space = self._space
        worth = MOST_TRIED * space.share / max(1, len(space) / 100)
        count = min(DRAWS, MOST_CELLS // len(space), int(worth))
        try:
            return space.sample(rng(0, "branches"), count) if count >= FEWEST_DRAWS else None
        except InfeasibleError:
            return None

    def _is_conditional(self, parameter: Parameter) -> bool:
        """Tell whether anything but choices decides on whether a parameter is active."""
        parent = self._parent(parameter)
        above = parent is not None and self._is_conditional(parent)
        return parameter.condition is not None or above

    def _place(self, parameter: Parameter) -> Place | None:
        """Find the branch that a parameter is in."""
        parent = self._parent(parameter)
        if parent is None or parameter.when is None:
            return None
        if isinstance(parent.domain, Nested):
            return parent.name, parameter.when.choices[0]
        return self._place(parent)

    def _chance(self, parameter: Parameter) -> float:
        """Say how likely choices make a parameter active."""
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
