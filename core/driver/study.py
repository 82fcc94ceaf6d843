"""The study: the state machine of a running sweep, without I/O and without a clock.

The driver hands it what the tuner suggests and what the platform sees; it answers with the
events that follow from them. `apply` enters an event, at the time or from the journal, and
is the only thing that changes what a replay must bring back.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sweepwright.events import (
    Attempt,
    CheckpointRef,
    Failed,
    Failure,
    FailureKind,
    Json,
    Lost,
    Measured,
    Opened,
    Promote,
    Reported,
    Retried,
    Start,
    Started,
    Stopped,
    StudyEvent,
    Suggestion,
    Trial,
    job_name,
)
from sweepwright.protocol import TrialLine, finite
from sweepwright.seeds import entropy

from ..plan.plan import Limits, Plan
from ..plan.trial_state import TRANSITIONS, TrialState
from .finished_trials import FinishedTrials
from .rung_counter import LiveRungCounter
from .running_trial import RunningTrial, final_report_fault, is_reporting_process, should_keep

_STATES = list(TrialState)


class Study:
    """All trials of a sweep and where each of them stands."""

    def __init__(self, plan: Plan, sweep: str) -> None:
        self.plan = plan
        self.sweep = sweep
        self.running: dict[int, RunningTrial] = {}
        """Trials under way by number, those that are due included."""
        self.counts: Counter[str] = Counter()
        """How many trials are in each state."""
        self.failures: Counter[str] = Counter()
        """How often trials failed for each reason."""
        self.suggestions = 0
        """How many suggestions were opened, promotions included."""
        self.incumbent: tuple[int, float] | None = None
        """Number and value, as the metric was reported, of the best trial so far."""
        self.rungs = LiveRungCounter(self._full)
        """How many trials are at which budget."""
        self._roll = FinishedTrials()
        self._jobs: dict[str, int] = {}
        self._launched: set[str] = set()
        self._curves: dict[int, Sequence[float]] = {}

    @property
    def _full(self) -> float:
        """All that a trial may spend; nothing where there is no budget."""
        return self.plan.budget.maximum if self.plan.budget else 0.0

    @property
    def limits(self) -> Limits:
        """What the sweep may spend."""
        return self.plan.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self.plan = replace(self.plan, limits=limits)

    @property
    def opened(self) -> int:
        """Count the trials opened so far."""
        return len(self._roll)

    @property
    def exhausted(self) -> bool:
        """Whether the sweep may open no further trial."""
        return self.limits.max_trials is not None and self.opened >= self.limits.max_trials

    @property
    def vacancies(self) -> int:
        """Count the attempts that the driver may add to those launched and those due."""
        waiting = sum(1 for job in self._jobs if job not in self._launched)
        return max(0, self.limits.concurrency - len(self._launched) - waiting)

    @property
    def busy(self) -> bool:
        """Whether the platform has any attempt of this sweep in hand."""
        return bool(self._launched)

    @property
    def due(self) -> list[RunningTrial]:
        """List the trials to launch, as far as the concurrency allows, in order."""
        room = self.limits.concurrency - len(self._launched)
        waiting = [number for job, number in self._jobs.items() if job not in self._launched]
        return [self.running[number] for number in waiting[: max(0, room)]]

    def attempt(self, live: RunningTrial) -> Attempt:
        """Describe the current attempt of a trial."""
        seed = entropy(self.plan.seed, "trial", live.trial.number) >> 65
        return Attempt(self.sweep, live.trial, live.attempt, seed, live.inherits)

    def mark_launched(self, live: RunningTrial) -> None:
        """Note that the current attempt was handed to the platform, and holds a slot."""
        self._launched.add(self._job(live))

    def mark_waiting(self, job: str, what: str) -> None:
        """Note what a launched attempt waits for."""
        if live := self.find_by_job(job):
            live.waiting_for = what

    def find_by_job(self, job: str) -> RunningTrial | None:
        """Find the trial whose current attempt a job is; None when it is superseded."""
        number = self._jobs.get(job)
        return None if number is None else self.running[number]

    # What follows from what was suggested and seen.

    def open(self, suggestion: Suggestion) -> Opened:
        """Give a suggestion its trial.

        Raises
        ------
        ValueError
            When it is none, or promotes a trial that is not waiting with a measurement.
        """
        match suggestion:
            case Start(assignment, None, parent) if self.plan.budget:
                # A tuner that knows of no budget means all there is.
                return self.open(Start(assignment, self._full, parent))
            case Start(assignment, budget):
                return Opened(Trial(self.opened, assignment, budget), suggestion)
            case Promote(number, budget) if self._promotable(number):
                return Opened(self._roll.trial(number, budget), suggestion)
            case Promote(number):
                raise ValueError(
                    f"it promotes trial {number}, which has no measurement to wait on"
                )
            case _:
                raise ValueError(f"it suggests {suggestion!r}, neither a Start nor a Promote")

    def on_start(self, job: str, handle: Json) -> Started | None:
        """Record a handle; None for a job that is superseded or was seen before."""
        live = self.find_by_job(job)
        if live is None or live.state is not TrialState.DUE:
            return None
        return Started(live.trial, live.attempt, handle)

    def on_report(self, job: str, line: TrialLine) -> Reported | None:
        """Record a report; None if it is late, another's, read before, or thinned out."""
        live = self.find_by_job(job)
        if live is None or line.attempt != live.attempt or line.sequence in live.seen:
            return None
        if not is_reporting_process(line, self.plan.code.roles):
            return None
        if not line.final and not should_keep(line.sequence, self.plan.reports_kept):
            live.dropped += 1
            return None
        value = finite(line.metrics.get(self.plan.objective.metric))
        minimised = None if value is None else self.plan.objective.minimised(value)
        return Reported(
            live.trial,
            minimised,
            live.attempt,
            line.sequence,
            line.metrics,
            line.final,
            line.continued,
        )

    def on_stop(self, live: RunningTrial, reason: str) -> Stopped:
        """End a trial for good by an assessor's word."""
        last = live.curve[-1] if live.curve else None
        return Stopped(live.trial, last, reason, live.attempt)

    def on_end(
        self, job: str, failure: Failure | None
    ) -> Measured | Failed | Lost | Retried | None:
        """Decide what the end of a job means; None when the job is superseded."""
        self._launched.discard(job)
        live = self.find_by_job(job)
        if live is None:
            return None
        failure = failure or final_report_fault(live.final, self.plan.objective)
        if failure is None and live.final and live.final.value is not None:
            final = live.final
            return Measured(live.trial, live.final.value, live.attempt, final.metrics)
        assert failure is not None, "an end without a result is a failure"
        return self._failed(live, failure)

    def on_driver_lost(self, live: RunningTrial) -> Retried:
        """Make a trial due again whose attempt ended with its driver."""
        self._launched.discard(self._job(live))
        failure = Failure(FailureKind.LOST, "its driver ended")
        return Retried(live.trial, failure, live.attempt, counted=False)

    def apply(self, event: StudyEvent) -> None:
        """Enter an event: move its trial to the state that follows."""
        self._move(event)
        self.rungs.apply(event)
        number = event.trial.number
        match event:
            case Opened(trial, suggestion):
                self._enter(trial, suggestion)
            case Started(handle=handle):
                live = self.running[number]
                live.handle, live.waiting_for = handle, None
            case Reported():
                self.running[number].note(event)
            case Retried(failure=failure, counted=counted):
                self._rerun(self.running[number], failure if counted else None)
            case Measured(trial, value, attempt):
                self._remember(self.running[number])
                self._leave(number, attempt, value)
                self._challenge(trial, value)
            case Stopped(attempt=attempt):
                self._leave(number, attempt, None)
            case Failed(failure=failure, attempt=attempt) | Lost(failure=failure, attempt=attempt):
                self._leave(number, attempt, None)
                self.failures[failure.message] += 1

    def _job(self, live: RunningTrial) -> str:
        return job_name(self.sweep, live.trial.number, live.attempt)

    def _promotable(self, number: Any) -> bool:
        known = isinstance(number, int) and 0 <= number < self.opened
        return known and number not in self.running and self._rest(number) is TrialState.MEASURED

    def _move(self, event: StudyEvent) -> None:
        number = event.trial.number
        live = self.running.get(number)
        before = live.state if live else self._rest(number)
        after = TRANSITIONS.get((before, type(event)))
        assert after is not None, f"{type(event).__name__} cannot happen to a trial {before}"
        if before is not None:
            self.counts[before] -= 1
        self.counts[after] += 1
        if live:
            live.state = after

    def _rest(self, number: int) -> TrialState | None:
        return None if number >= self.opened else _STATES[self._roll.state(number)]

    def _enter(self, trial: Trial, suggestion: Suggestion) -> None:
        inherits = suggestion.parent if isinstance(suggestion, Start) else None
        if isinstance(suggestion, Start):
            self._roll.add(trial.assignment)
        elif attempt := self._roll.measured_attempt(trial.number):
            inherits = CheckpointRef(trial.number, attempt)
        attempt = self._roll.attempts(trial.number) + 1
        live = RunningTrial(trial, self.suggestions, attempt, inherits)
        if isinstance(suggestion, Promote):
            live.inherited_curve = self._curves.pop(trial.number, ())
        self.suggestions += 1
        self.running[trial.number] = live
        self._jobs[self._job(live)] = trial.number

    def _rerun(self, live: RunningTrial, failure: Failure | None) -> None:
        del self._jobs[self._job(live)]
        if failure:
            live.failures[failure.kind] += 1
        live.restart()
        self._jobs[self._job(live)] = live.trial.number

    def _remember(self, live: RunningTrial) -> None:
        """Keep a trial's curve for an assessor, if the trial may yet go on."""
        if self.plan.assessor and (live.trial.budget or self._full) < self._full:
            self._curves[live.trial.number] = tuple(live.curve)

    def _leave(self, number: int, attempt: int, value: float | None) -> None:
        live = self.running.pop(number)
        del self._jobs[self._job(live)]
        self._roll.close(number, _STATES.index(live.state), attempt, value)

    def _challenge(self, trial: Trial, value: float) -> None:
        objective = self.plan.objective
        if self.incumbent is None or value < objective.minimised(self.incumbent[1]):
            self.incumbent = (trial.number, objective.minimised(value))

    def _failed(self, live: RunningTrial, failure: Failure) -> Failed | Lost | Retried:
        if live.failures[failure.kind] < self.limits.retries.get(failure.kind, 0):
            return Retried(live.trial, failure, live.attempt)
        if failure.kind is FailureKind.LOST:
            return Lost(live.trial, failure, live.attempt)
        return Failed(live.trial, failure, live.attempt)
