"""Builds ``tuner=gp`` from the parts of this package."""

import numpy as np

from sweepwright.contracts import Problem
from sweepwright.seeds import rng
from sweepwright.space import SearchSpace

from ..model_based.axes import Axes
from ..model_based.trials import Trials
from ..model_based.tuner import ModelBasedTuner
from ..parzen.joint import JointModel
from .candidates import Candidates
from .embedding import Embedding
from .fit import default_prior
from .model import ProcessModel
from .surrogate import Surrogate

STARTUP, CONDITIONAL_STARTUP = 5, 10
"""Number of trials before the first fit, without and with conditions in the space."""
ACTIVITY_DRAWS = 256
"""Number of draws that estimate how many parameters are active."""


def build_gp(problem: Problem, *, startup: int | None) -> ModelBasedTuner:
    """Build the tuner; without a number of first trials, it depends on the space."""
    space = problem.space
    if startup is None:
        startup = CONDITIONAL_STARTUP if space.conditions.steps else STARTUP
    axes = Axes(space)
    trials = Trials(space, axes)
    embedding = Embedding(axes)
    prior = default_prior(len(space), mean_active(space))
    surrogate = Surrogate(trials, embedding, prior, first=startup, seed=problem.seed)
    parzen = JointModel(axes, trials, gamma=0.07, candidates=1, prior_weight=0.1)
    candidates = Candidates(space, axes, trials, parzen)
    model = ProcessModel(problem, axes, trials, embedding, surrogate, candidates)
    return ModelBasedTuner(problem, trials, model, startup)


def mean_active(space: SearchSpace) -> float:
    """Estimate how many parameters, of more than one value, are active in a random assignment."""
    varied = np.array([parameter.domain.size != 1 for parameter in space.parameters])
    rows = space.from_unit(rng(0, "activity").random((ACTIVITY_DRAWS, len(space))))
    return float((~np.isnan(rows[:, varied])).sum(axis=1).mean())
