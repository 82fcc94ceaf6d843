"""Finds the selector (the choice whose branches differ most) and draws one of its branches."""

import math
from collections.abc import Iterator

import numpy as np

from sweepwright.space import Categorical, Nested, SearchSpace
from sweepwright.space.proofs import full_box

from .axes import Axes
from .trials import Trials

MAX_OVERLAP = 0.5
"""Two branches are modelled together if the Jaccard index of their parameters is at least this
large."""
BEST_SHARE = 0.1
"""Share of all trials that count as the best trials when branches are compared."""
PRIOR_PROBABILITY = 0.05
"""Probability that the branch is drawn from the prior, so that no branch is ever abandoned."""


def find_selector(space: SearchSpace) -> int | None:
    """Return the column of the selector, or None if no choice qualifies.

    The selector is the choice whose options activate the most parameters, among the choices that
    are active in every assignment. Parameters that all options activate are not counted. If two
    branches of a choice have a Jaccard index of `MAX_OVERLAP` or more, the choice does not
    qualify, because such branches are better modelled together.
    """
    if not space.conditions.steps:
        return None
    found = {column: groups for column, groups in _groups(space) if _mostly_distinct(groups)}
    return max(found, key=lambda column: sum(map(len, found[column])), default=None)


def _groups(space: SearchSpace) -> Iterator[tuple[int, list[frozenset[int]]]]:
    """Yield the column of each choice that is always active, and the parameters of each option."""
    box = full_box(space)
    always = box.activity[0] == 1
    for column, parameter in enumerate(space.parameters):
        if isinstance(parameter.domain, Categorical | Nested) and always[column]:
            options = np.arange(parameter.domain.size, dtype=float)
            low, high = (np.repeat(end, len(options), axis=0) for end in (box.low, box.high))
            low[:, column] = high[:, column] = options
            possible = space.conditions.possible(low, high) > 0
            # Parameters that all options activate do not distinguish the branches.
            own = possible & ~possible.all(axis=0)
            yield column, [frozenset(np.flatnonzero(row).tolist()) for row in own]


def _mostly_distinct(groups: list[frozenset[int]]) -> bool:
    """Tell whether every pair of groups has a Jaccard index below `MAX_OVERLAP`."""
    groups = [group for group in groups if group]
    pairs = ((a, b) for place, a in enumerate(groups) for b in groups[:place])
    return bool(groups) and all(len(a & b) < MAX_OVERLAP * len(a | b) for a, b in pairs)


def draw_branch(trials: Trials, axes: Axes, rng: np.random.Generator) -> int:
    """Draw a branch, with a probability that grows with its rate of good trials.

    Of B branches, a branch with n trials has a probability proportional to :math:`(c + 1/B) / (n +
    1)`, where c of the n trials are among the best tenth of all trials. This is the posterior mean
    of the success rate of the branch under a Beta(1/B, 1 - 1/B) prior, which counts as one trial.
    If a branch no longer improves, n grows but c does not, so the other branches are drawn more
    often. Decision 0008 compares this rule with the rules that always or never draw the branch
    first.
    """
    assert trials.selector is not None, "there are branches to draw from"
    prior = axes.prior_of(trials.selector)
    if rng.random() < PRIOR_PROBABILITY:
        return int(rng.choice(len(prior), p=prior))
    order = trials.ranking.trials
    best_counts = np.bincount(
        trials.options(order[: math.ceil(BEST_SHARE * len(order))]), minlength=len(prior)
    )
    # Pending trials count too, so that parallel suggestions spread over the branches.
    trial_counts = np.bincount(trials.options(trials.pending), minlength=len(prior))
    for option, ranking in trials.branches.items():
        trial_counts[option] += len(ranking)
    probabilities = (best_counts + 1 / len(prior)) / (trial_counts + 1)
    return int(rng.choice(len(prior), p=probabilities / probabilities.sum()))
