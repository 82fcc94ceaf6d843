"""Builds ``tuner=smac`` from the parts of this package."""

from sweepwright.contracts import Problem

from ..model_based.axes import Axes
from ..model_based.trials import Trials
from ..model_based.tuner import ModelBasedTuner
from .model import ForestModel
from .surrogate import Surrogate


def build_smac(
    problem: Problem, *, startup: int, random_share: float, most_measurements: int
) -> ModelBasedTuner:
    """Build the tuner."""
    space = problem.space
    axes = Axes(space)
    trials = Trials(space, axes)
    model = ForestModel(
        problem,
        axes,
        trials,
        Surrogate(trials, first=startup, seed=problem.seed),
        random_share=random_share,
        most_measurements=most_measurements,
    )
    return ModelBasedTuner(problem, trials, model, startup, repeats=most_measurements > 1)
