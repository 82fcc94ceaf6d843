"""A discrete-event simulation of a tuner with budgets, for the cost estimate of a plan.

How long slots are idle depends on which results the tuner waits for, and only the tuner's code
determines these results. The simulation therefore runs the tuner itself on a virtual clock. An
attempt that raises its trial's budget from 2 to 6 takes 4 units of time. The value of a trial is a
hash of its assignment: it has no meaning, but the estimate of a plan is always the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from heapq import heappop, heappush

from sweepwright.contracts import Tuner
from sweepwright.events import Measured, Opened, Promote, Start, Suggestion, Trial
from sweepwright.protocol import dumps

from ...plan.plan import Plan

MAX_LAUNCHES = 500
"""Number of launches after which a simulation is cut off, so that `plan` responds quickly.

A model-based tuner takes milliseconds per suggestion, so 500 suggestions take a few seconds at
most. The result of an unfinished simulation is not shown. The estimate is then based on the
tuner's brackets.
"""


@dataclass(frozen=True, slots=True)
class Simulation:
    """The result of simulating a tuner. Budgets are sums over all trials."""

    trials: int
    promotions: int
    finished: bool
    """Whether the simulation reached the end of the sweep before `MAX_LAUNCHES` launches."""
    with_checkpoints: float
    """Total budget if promoted trials continue from their checkpoints."""
    without_checkpoints: float
    """Total budget if promoted trials start over."""
    idle_share: float
    """Share of all slots' time, from 0 to 1, in which there was no trial to run."""
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
        """Heap of running trials, ordered by the time of their end and then by their launch."""
        self.now = 0.0
        self.launches = 0
        self.with_checkpoints = 0.0
        self.without_checkpoints = 0.0
        self.trials: dict[int, Trial] = {}
        """All trials opened so far, each with the budget for which it was last opened."""

    def run(self) -> bool:
        """Simulate the sweep up to `MAX_LAUNCHES`; return whether the sweep ended."""
        while self.launches < MAX_LAUNCHES:
            for suggestion in self._suggest(self._plan.limits.concurrency - len(self._running)):
                self._open(suggestion)
            if not self._running:
                return True
            self._end_next()
        # Let all trials end, so that the sums and the clock include the same trials.
        while self._running:
            self._end_next()
        return False

    def _suggest(self, slots: int) -> Sequence[Suggestion]:
        """Suggest what the driver would open: at most `slots` trials, within ``max_trials``."""
        if not slots:
            return ()
        limit, opened = self._plan.limits.max_trials, len(self.trials)
        left = slots if limit is None else max(limit - opened, 0)
        if start := self._plan.start_suggestions(opened, min(slots, left)):
            return start
        asked = self._tuner.ask(slots)
        # `max_trials` limits new trials only, so promotions go on.
        promotions: list[Suggestion] = [s for s in asked if isinstance(s, Promote)]
        starts = [s for s in asked if isinstance(s, Start)]
        return [*promotions, *starts[:left]][:slots]

    def _open(self, suggestion: Suggestion) -> None:
        match suggestion:
            case Start(assignment, budget, parent):
                if budget is None:
                    budget = self._plan.full_budget or 0.0
                trial = Trial(len(self.trials), assignment, budget)
                # The parent may have been promoted since the tuner chose the checkpoint, so the
                # parent's budget may now exceed the new trial's budget. The checkpoint's budget
                # never exceeds the new trial's budget.
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
    """Hash an assignment to a value between 0 and 1, which is the same at every budget."""
    text = dumps(trial.assignment).encode(errors="surrogatepass")
    # A float represents 48 bits exactly, so different hashes are different values.
    return int.from_bytes(blake2b(text, digest_size=6).digest()) / 2**48
