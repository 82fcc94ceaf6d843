"""Builds ``tuner=metis`` from the parts of the Gaussian process, of `tpe` and of this package."""

from sweepwright.contracts import Problem

from ..gaussian_process.build import CONDITIONAL_STARTUP, STARTUP, mean_active
from ..gaussian_process.candidates import Candidates
from ..gaussian_process.embedding import Embedding
from ..gaussian_process.fit import default_prior
from ..gaussian_process.surrogate import Surrogate
from ..model_based.axes import Axes
from ..model_based.selector import find_selector
from ..model_based.trials import Trials
from ..model_based.tuner import ModelBasedTuner
from ..parzen.build import PRIOR_WEIGHT
from ..parzen.joint import JointModel
from .model import MetisModel


def build_metis(
    problem: Problem, *, startup: int | None, exploration: float, resample: bool
) -> ModelBasedTuner:
    """Build the tuner; without a number of first trials, it depends on the space."""
    space = problem.space
    if startup is None:
        startup = CONDITIONAL_STARTUP if space.conditions.steps else STARTUP
    axes = Axes(space)
    trials = Trials(space, axes, find_selector(space))
    embedding = Embedding(axes)
    prior = default_prior(len(space), mean_active(space))
    surrogate = Surrogate(trials, embedding, prior, first=startup, seed=problem.seed)
    parzen = JointModel(axes, trials, gamma=0.07, candidates=24, prior_weight=PRIOR_WEIGHT)
    model = MetisModel(
        problem,
        trials,
        embedding,
        surrogate,
        Candidates(space, axes, trials, parzen),
        parzen,
        exploration=exploration,
        resample=resample,
    )
    return ModelBasedTuner(problem, trials, model, startup, repeats=resample)
