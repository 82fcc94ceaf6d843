"""A discrete-event simulation of a tuner with budgets, for the cost estimate of a plan.

How long slots idle depends on when the tuner waits for which results, and only the tuner knows
that. So it is run on a virtual clock. Every trial takes as long as the budget that it adds. Its
value is arbitrary: a hash of its assignment, so that a plan always shows the same estimate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from heapq import heappop, heappush

from sweepwright.contracts import Tuner
from sweepwright.events import Measured, Opened, Promote, Start, Suggestion, Trial
from sweepwright.protocol import dumps

from ..plan.plan import Plan

MAX_LAUNCHES = 500
"""Launches after which a simulation is cut off, so that `plan` answers at once.

A model-based tuner takes milliseconds for a suggestion, so 500 of them take seconds at most. An
unfinished simulation is not shown; the estimate then rests on the tuner's brackets alone.
"""


@dataclass(frozen=True, slots=True)
class Simulation:
    """The result of simulating a tuner; budgets are sums over all trials."""

    trials: int
    promotions: int
    finished: bool
    """Whether the tuner or ``max_trials`` ended it, rather than `MAX_LAUNCHES`."""
    with_checkpoints: float
    """Budget spent if promoted trials continue from their checkpoints."""
    without_checkpoints: float
    """Budget spent if promoted trials start over."""
    idle_share: float
    """Share of all slots' time, from 0 to 1, in which there was nothing to run."""
    makespan: float
    """Time from the first launch to the last end, in units of the budget."""


def simulate_tuner(plan: Plan, tuner: Tuner) -> Simulation:
    """Simulate a newly built tuner under the limits of a plan."""
    simulator = _Simulator(plan, tuner)
    finished = simulator.run()
    launches, trials = simulator.launches, len(simulator.trials)
    capacity = plan.limits.concurrency * simulator.now
    return Simulation(
        trials=trials,
        promotions=launches - trials,
        finished=finished,
        with_checkpoints=simulator.with_checkpoints,
        without_checkpoints=simulator.without_checkpoints,
        idle_share=1 - simulator.with_checkpoints / capacity if capacity else 0.0,
        makespan=simulator.now,
    )


class _Simulator:
    def __init__(self, plan: Plan, tuner: Tuner) -> None:
        self._plan = plan
        self._tuner = tuner
        self._running: list[tuple[float, int, Trial]] = []
        """Heap of running trials by the time at which they end, then by launch."""
        self.now = 0.0
        self.launches = 0
        self.with_checkpoints = 0.0
        self.without_checkpoints = 0.0
        self.trials: dict[int, Trial] = {}
        """All trials opened so far, at the budget they were opened for last."""

    def run(self) -> bool:
        """Simulate to the end, or up to `MAX_LAUNCHES`; tell whether the end was reached."""
        while self.launches < MAX_LAUNCHES:
            for suggestion in self._suggest(self._plan.limits.concurrency - len(self._running)):
                self._open(suggestion)
            if not self._running:
                return True
            self._end_next()
        while self._running:
            self._end_next()
        return False

    def _suggest(self, slots: int) -> Sequence[Suggestion]:
        """Return what the driver would open: at most `slots`, and no trial beyond the last."""
        if not slots:
            return ()
        limit, opened = self._plan.limits.max_trials, len(self.trials)
        left = slots if limit is None else max(limit - opened, 0)
        if start := self._plan.start_suggestions(opened, min(slots, left)):
            return start
        asked = self._tuner.ask(slots)
        promotions: list[Suggestion] = [s for s in asked if isinstance(s, Promote)]
        starts = [s for s in asked if isinstance(s, Start)]
        return [*promotions, *starts[:left]][:slots]

    def _open(self, suggestion: Suggestion) -> None:
        match suggestion:
            case Start(assignment, budget, parent):
                if budget is None:
                    budget = self._plan.full_budget or 0.0
                trial = Trial(len(self.trials), assignment, budget)
                # The parent may have been promoted since then. The trial inherits the checkpoint
                # of an earlier attempt, which spent no more than the trial itself may.
                spent = min(self._spent(parent.trial), budget) if parent else 0.0
            case Promote(number, budget):
                trial, spent = replace(self.trials[number], budget=budget), self._spent(number)
        added = budget - spent
        self.trials[trial.number] = trial
        self.launches += 1
        self.with_checkpoints += added
        self.without_checkpoints += budget
        heappush(self._running, (self.now + added, self.launches, trial))
        self._tuner.tell(Opened(trial, suggestion))

    def _spent(self, number: int) -> float:
        return self.trials[number].budget or 0.0

    def _end_next(self) -> None:
        self.now, _, trial = heappop(self._running)
        self._tuner.tell(Measured(trial, _value(trial)))


def _value(trial: Trial) -> float:
    """Hash an assignment to a value between 0 and 1, the same at every budget."""
    text = dumps(trial.assignment).encode(errors="surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=6).digest()) / 2**48
