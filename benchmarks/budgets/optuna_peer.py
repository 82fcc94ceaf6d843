"""Optuna's HyperbandPruner with one of its samplers, as its own loop of reports drives it."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from sweepwright.contracts import Problem

from ..comparison.peers.translation import suggest
from ..problems.landscape import Values
from .climbing import ETA, Climbing


def uniform(seed: int) -> Any:
    """Return its random sampler."""
    from optuna.samplers import RandomSampler  # noqa: PLC0415 - a peer's library

    return RandomSampler(seed=seed)


def tpe(seed: int) -> Any:
    """Return its default sampler, as it is."""
    from optuna.samplers import TPESampler  # noqa: PLC0415 - a peer's library

    return TPESampler(seed=seed)


def build_optuna(
    sampler: Callable[[int], Any], problem: Problem, options: Mapping[str, Any]
) -> Climbing:
    """Build a study whose trials report at every budget at which its pruner decides."""
    assert problem.budget is not None, "a race has a budget"
    return Climbing(_Study(sampler, problem, options), problem.budget)


class _Study:
    """A study in memory."""

    def __init__(self, sampler: Callable[[int], Any], problem: Problem, options: Any) -> None:
        import optuna  # noqa: PLC0415 - a peer's library

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        assert problem.budget is not None, "a race has a budget"
        self._pruned = optuna.trial.TrialState.PRUNED
        self._space = problem.space
        self._last = int(problem.budget.maximum)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # parts of it are marked as experimental
            self._study = optuna.create_study(
                sampler=sampler(problem.seed),
                pruner=optuna.pruners.HyperbandPruner(
                    min_resource=int(problem.budget.minimum),
                    max_resource=self._last,
                    reduction_factor=ETA,
                    **options,
                ),
                # Trials are dealt to brackets by this name, which is random unless given.
                study_name=f"seed {problem.seed}",
            )
        self._running: dict[int, Any] = {}

    def open(self) -> tuple[int, Values]:
        """Ask for a trial."""
        trial = self._study.ask()
        self._running[trial.number] = trial
        return trial.number, suggest(trial, self._space)

    def goes_on(self, trial: int, budget: int, value: float) -> bool:
        """Report, and end the trial if the pruner says so or nothing is left."""
        running = self._running[trial]
        running.report(value, budget)
        pruned = bool(running.should_prune())
        if pruned or budget == self._last:
            state = {"state": self._pruned} if pruned else {"values": value}
            self._study.tell(self._running.pop(trial), **state)
        return not pruned
