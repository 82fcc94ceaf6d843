"""The choice that decides most, and which of its branches to search next."""

import math
from collections.abc import Iterator

import numpy as np

from sweepwright.proofs import whole_box
from sweepwright.space import Categorical, Nested, SearchSpace

from .axes import Axes
from .trials import Trials

MOST_SHARED = 0.5
"""Share of parameters in common, from which two branches are modelled as one."""
BEST = 0.1
"""Share of all trials that a branch is to have some of."""
UNIFORM = 0.05
"""Probability of any branch whatever."""


def find_selector(space: SearchSpace) -> int | None:
    """Find the choice, always active, whose options activate most that is theirs alone.

    Branches that have half of their parameters or more in common with another one are better
    modelled together: there is no selector then.
    """
    if not space.conditions.steps:
        return None
    found = {column: groups for column, groups in _groups(space) if _apart(groups)}
    return max(found, key=lambda column: sum(map(len, found[column])), default=None)


def _groups(space: SearchSpace) -> Iterator[tuple[int, list[frozenset[int]]]]:
    """Yield each choice that is always active, with what each of its options activates."""
    box = whole_box(space)
    always = box.activity[0] == 1
    for column, parameter in enumerate(space.parameters):
        if isinstance(parameter.domain, Categorical | Nested) and always[column]:
            options = np.arange(parameter.domain.size, dtype=float)
            low, high = (np.repeat(end, len(options), axis=0) for end in (box.low, box.high))
            low[:, column] = high[:, column] = options
            possible = space.conditions.possible(low, high) > 0
            own = possible & ~possible.all(axis=0)
            yield column, [frozenset(np.flatnonzero(row).tolist()) for row in own]


def _apart(groups: list[frozenset[int]]) -> bool:
    """Tell whether no two of the groups have half of their members in common."""
    groups = [group for group in groups if group]
    pairs = ((a, b) for place, a in enumerate(groups) for b in groups[:place])
    return bool(groups) and all(len(a & b) < MOST_SHARED * len(a | b) for a, b in pairs)


def draw_branch(trials: Trials, axes: Axes, rng: np.random.Generator) -> int:
    r"""Draw a branch by its share of the best trials, for each trial that it had.

    Of B branches, one with n trials, c of them among the best tenth of all, has probability in
    proportion to :math:`(c + 1/B) / (n + 1)`: one that is used up gathers trials without
    getting better, and others come to their turn.
    """
    assert trials.selector is not None, "there are branches to draw from"
    prior = axes.prior_of(trials.selector)
    if rng.random() < UNIFORM:
        return int(rng.choice(len(prior), p=prior))
    order = trials.ranking.trials
    best = np.bincount(trials.options(order[: math.ceil(BEST * len(order))]), minlength=len(prior))
    had = np.bincount(trials.options(trials.pending), minlength=len(prior))
    for option, ranking in trials.branches.items():
        had[option] += len(ranking)
    chances = (best + 1 / len(prior)) / (had + 1)
    return int(rng.choice(len(prior), p=chances / chances.sum()))
