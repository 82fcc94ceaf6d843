"""Syne Tune's ASHA of the type that pauses trials and promotes them, up to its version 0.13."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sweepwright.contracts import Problem

from .budgeted_tuner import Segment
from .climbing import ETA, rungs
from .syne_peer import METRIC, RESOURCE, domains, values_of


class Promoting:
    """A scheduler whose trials wait at their rungs; a promoted one goes on from its checkpoint."""

    def __init__(self, problem: Problem, options: Mapping[str, Any]) -> None:
        from syne_tune.optimizer.baselines import ASHA  # noqa: PLC0415 - a peer's library

        assert problem.budget is not None, "a race has a budget"
        self._space = problem.space
        self._rungs = rungs(problem.budget)
        self._scheduler = ASHA(
            domains(problem.space),
            metric=METRIC,
            mode="min",
            resource_attr=RESOURCE,
            max_t=self._rungs[-1],
            grace_period=self._rungs[0],
            reduction_factor=ETA,
            type="promotion",
            search_options={"debug_log": False},
            points_to_evaluate=[],
            random_seed=problem.seed,
            **options,
        )
        self._trials: list[Any] = []
        self._spent: list[int] = []

    def ask(self, count: int) -> Sequence[Segment]:
        """Take suggestions, of which some let a paused trial go on."""
        return list(self._segments(count))

    def tell(self, segment: Segment, value: float) -> None:
        """Report; whatever comes of it, the trial waits."""
        from syne_tune.optimizer.scheduler import (  # noqa: PLC0415 - a peer's library
            SchedulerDecision,
        )

        trial = self._trials[segment.trial]
        decision = self._scheduler.on_trial_result(trial, {METRIC: value, RESOURCE: segment.end})
        assert decision != SchedulerDecision.CONTINUE, "a leg ends at a rung"
        self._scheduler.on_trial_remove(trial)

    def _segments(self, count: int) -> Iterable[Segment]:
        for _ in range(count):
            suggestion = self._scheduler.suggest(len(self._trials))
            if suggestion.spawn_new_trial_id:
                yield self._segment(self._add(suggestion.config))
            else:
                yield self._segment(suggestion.checkpoint_trial_id)

    def _add(self, config: Any) -> int:
        from syne_tune.backend.trial_status import Trial  # noqa: PLC0415 - a peer's library

        trial = Trial(len(self._trials), config, datetime.now(UTC))
        self._trials.append(trial)
        self._spent.append(0)
        self._scheduler.on_trial_add(trial)
        return len(self._trials) - 1

    def _segment(self, number: int) -> Segment:
        begin = self._spent[number]
        self._spent[number] = next(rung for rung in self._rungs if rung > begin)
        values = values_of(self._space, self._trials[number].config)
        return Segment(number, values, begin, self._spent[number])
