"""The selector: the choice whose branches differ most, and which branch to search next."""

import math
from collections.abc import Iterator

import numpy as np

from sweepwright.space import Categorical, Nested, SearchSpace
from sweepwright.space.proofs import full_box

from .axes import Axes
from .trials import Trials

MAX_OVERLAP = 0.5
"""Jaccard index of the parameters of two branches from which they are modelled together."""
BEST_SHARE = 0.1
"""Share of all trials that count as the best when branches are compared."""
PRIOR_PROBABILITY = 0.05
"""Probability that the branch is drawn from the prior, so that no branch is ever abandoned."""


def find_selector(space: SearchSpace) -> int | None:
    """Find the choice, active in every assignment, whose options activate the most parameters.

    Only parameters that some option activates and another does not are counted. A choice
    with two branches that share half of their parameters or more is not a selector: such branches
    are better modelled together. Returns None if no choice qualifies.
    """
    if not space.conditions.steps:
        return None
    found = {column: groups for column, groups in _groups(space) if _mostly_distinct(groups)}
    return max(found, key=lambda column: sum(map(len, found[column])), default=None)


def _groups(space: SearchSpace) -> Iterator[tuple[int, list[frozenset[int]]]]:
    """Yield each choice that is always active, with the parameters that each option activates."""
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
    """Tell whether each two groups share less than half of their members (Jaccard index)."""
    groups = [group for group in groups if group]
    pairs = ((a, b) for place, a in enumerate(groups) for b in groups[:place])
    return bool(groups) and all(len(a & b) < MAX_OVERLAP * len(a | b) for a, b in pairs)


def draw_branch(trials: Trials, axes: Axes, rng: np.random.Generator) -> int:
    """Draw a branch by its share of the best trials per trial that it had.

    Of B branches, one with n trials, c of which are among the best tenth of all, has a probability
    proportional to :math:`(c + 1/B) / (n + 1)`. This is the posterior mean of its success rate
    under a Beta(1/B, 1 - 1/B) prior, which counts as one trial. A branch that no longer improves
    gathers trials without successes, so that the others get their turn. Decision 0008 compares
    this rule with always and with never drawing the branch first.
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
