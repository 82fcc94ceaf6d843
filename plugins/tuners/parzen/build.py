"""Builds the tuners of this package from models and trials."""

from sweepwright.contracts import Problem

from ..model_based.axes import Axes
from ..model_based.selector import find_selector
from ..model_based.trials import Trials
from ..model_based.tuner import ModelBasedTuner
from .classic import ClassicModel, ConstantLiar
from .fidelity import BudgetedParzenTuner, FidelityModel
from .joint import JointModel

PRIOR_WEIGHT = 0.1
"""Weight of the prior relative to the total weight of the good trials. It was chosen by experiment
(see ``docs/decisions/0008``)."""


def build_joint(
    problem: Problem, *, startup: int, candidates: int, gamma: float, prior_weight: float
) -> ModelBasedTuner:
    """Build ``tuner=tpe``, which models whole assignments."""
    axes = Axes(problem.space)
    trials = Trials(problem.space, axes, find_selector(problem.space))
    model = JointModel(
        axes,
        trials,
        gamma=gamma,
        candidates=candidates,
        prior_weight=prior_weight,
    )
    return ModelBasedTuner(problem, trials, model, startup)


def build_budgeted(
    problem: Problem, *, min_results: int, random_fraction: float, candidates: int, gamma: float
) -> BudgetedParzenTuner:
    """Build the sampler of ``tuner=bohb``, which has a joint model for each budget."""
    space = problem.space
    axes, selector = Axes(space), find_selector(space)

    def new_model() -> tuple[Trials, JointModel]:
        trials = Trials(space, axes, selector)
        return trials, JointModel(
            axes, trials, gamma=gamma, candidates=candidates, prior_weight=PRIOR_WEIGHT
        )

    # Trials at all budgets count towards the start, and none of their assignments is tried again.
    trials = Trials(space, axes)
    model = FidelityModel(
        space, trials, new_model, min_results=min_results, random_fraction=random_fraction
    )
    tuner = ModelBasedTuner(problem, trials, model, startup=min_results)
    return BudgetedParzenTuner(tuner, model)


def build_classic(
    problem: Problem,
    *,
    startup: int,
    candidates: int,
    gamma: float,
    prior_weight: float,
    nni_form: bool,
    liar: ConstantLiar | None,
) -> ModelBasedTuner:
    """Build ``tuner=tpe`` with ``multivariate=false``, which models each parameter separately."""
    axes = Axes(problem.space)
    trials = Trials(problem.space, axes)
    model = ClassicModel(
        axes,
        trials,
        gamma=gamma,
        candidates=candidates,
        prior_weight=prior_weight,
        liar=liar if nni_form else None,
        min_active=startup if nni_form else 0,
    )
    return ModelBasedTuner(problem, trials, model, startup)
