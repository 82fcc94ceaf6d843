"""Puts the parts of the tuner together."""

from sweepwright.contracts import Problem

from .axes import Axes
from .classic import ClassicModel, Liar
from .fidelity import BudgetedParzenTuner, FidelityModel
from .joint import JointModel
from .selector import find_selector
from .trials import Trials
from .tuner import ParzenTuner

PRIOR_WEIGHT = 0.1
"""Weight of the prior on the good side, beside all trials there together."""


def build_joint(
    problem: Problem, *, startup: int, candidates: int, gamma: float, prior_weight: float
) -> ParzenTuner:
    """Build the tuner that models whole assignments."""
    axes = Axes(problem.space)
    trials = Trials(problem.space, axes, find_selector(problem.space))
    model = JointModel(
        axes,
        trials,
        gamma=gamma,
        candidates=candidates,
        prior_weight=prior_weight,
    )
    return ParzenTuner(problem, trials, model, startup)


def build_budgeted(
    problem: Problem, *, least: int, random_fraction: float, candidates: int, gamma: float
) -> BudgetedParzenTuner:
    """Build the tuner that models whole assignments at the largest budget that is known."""
    space = problem.space
    axes, selector = Axes(space), find_selector(space)

    def new() -> tuple[Trials, JointModel]:
        trials = Trials(space, axes, selector)
        return trials, JointModel(
            axes, trials, gamma=gamma, candidates=candidates, prior_weight=PRIOR_WEIGHT
        )

    trials = Trials(space, axes)
    model = FidelityModel(space, trials, new, least=least, random_fraction=random_fraction)
    tuner = ParzenTuner(problem, trials, model, startup=least)
    return BudgetedParzenTuner(tuner, model)


def build_classic(
    problem: Problem,
    *,
    startup: int,
    candidates: int,
    gamma: float,
    prior_weight: float,
    of_nni: bool,
    liar: Liar | None,
) -> ParzenTuner:
    """Build the tuner that models one parameter at a time."""
    axes = Axes(problem.space)
    trials = Trials(problem.space, axes)
    model = ClassicModel(
        axes,
        trials,
        gamma=gamma,
        candidates=candidates,
        prior_weight=prior_weight,
        liar=liar if of_nni else None,
        warm_up=startup if of_nni else 0,
    )
    return ParzenTuner(problem, trials, model, startup)
