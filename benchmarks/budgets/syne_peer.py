"""Syne Tune's asynchronous schedulers, driven as its own tuner drives them.

Those of its 0.16 stop trials at a rung or let them go on at once; none is paused.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from sweepwright.contracts import Problem
from sweepwright.space import Categorical, Integer, Ordinal, Parameter, Real, SearchSpace

from ..comparison.peers.translation import snapped
from ..problems.landscape import Values
from .climbing import ETA, Climbing

METRIC, RESOURCE = "loss", "units"


def build_syne(kind: str, problem: Problem, options: Mapping[str, Any]) -> Climbing:
    """Build a scheduler of theirs, by the name of its class."""
    assert problem.budget is not None, "a race has a budget"
    return Climbing(_Scheduler(kind, problem, options), problem.budget)


class _Scheduler:
    """A scheduler with the trials that it was told of."""

    def __init__(self, kind: str, problem: Problem, options: Any) -> None:
        from syne_tune.optimizer import baselines  # noqa: PLC0415 - a peer's library

        assert problem.budget is not None, "a race has a budget"
        np.random.seed(problem.seed)  # noqa: NPY002 - what it draws from, whatever its own seed
        self._space = problem.space
        self._scheduler = getattr(baselines, kind)(
            domains(problem.space),
            metric=METRIC,
            time_attr=RESOURCE,
            max_t=int(problem.budget.maximum),
            grace_period=int(problem.budget.minimum),
            reduction_factor=ETA,
            random_seed=problem.seed,
            **options,
        )
        self._trials: list[Any] = []

    def open(self) -> tuple[int, Values]:
        """Have a configuration suggested, and add it as a trial."""
        from syne_tune.backend.trial_status import Trial  # noqa: PLC0415 - a peer's library

        config = self._scheduler.suggest().config
        trial = Trial(len(self._trials), config, datetime.now(UTC))
        self._trials.append(trial)
        self._scheduler.on_trial_add(trial)
        return trial.trial_id, values_of(self._space, config)

    def goes_on(self, trial: int, budget: int, value: float) -> bool:
        """Report, and remove the trial if the scheduler stops it."""
        from syne_tune.optimizer.scheduler import (  # noqa: PLC0415 - a peer's library
            SchedulerDecision,
        )

        result = {METRIC: value, RESOURCE: budget}
        decision = self._scheduler.on_trial_result(self._trials[trial], result)
        if decision == SchedulerDecision.STOP:
            self._scheduler.on_trial_remove(self._trials[trial])
        return bool(decision != SchedulerDecision.STOP)


def domains(space: SearchSpace) -> dict[str, Any]:
    """Write a space of theirs."""
    return {parameter.name: _domain(parameter) for parameter in space.parameters}


def values_of(space: SearchSpace, config: Mapping[str, Any]) -> Values:
    """Read a configuration of theirs."""
    return {p.name: _value(p, config[p.name]) for p in space.parameters}


def _domain(parameter: Parameter) -> Any:
    from syne_tune import config_space  # noqa: PLC0415 - a peer's library

    match parameter.domain:
        case Real(low, high, log):
            return (config_space.loguniform if log else config_space.uniform)(low, high)
        case Integer(low, high, log):
            return (config_space.lograndint if log else config_space.randint)(low, high)
        case Categorical(choices) | Ordinal(choices):
            return config_space.choice(list(choices))
    raise TypeError(f"Syne Tune has no {type(parameter.domain).__name__}")


def _value(parameter: Parameter, given: Any) -> Any:
    if isinstance(parameter.domain, Categorical | Ordinal):
        return given
    return snapped(parameter, given)
