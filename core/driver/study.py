"""The study: the state machine of a running sweep, without I/O and without a clock.

The technique is event sourcing. `open` and the methods called ``on_...`` decide which event
follows from a suggestion or from what the platform saw; the driver journals it. `apply` then
enters it, and alone changes the state that a replay must restore.
"""

from collections import Counter
from collections.abc import Sequence
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
from sweepwright.protocol import TrialLine
from sweepwright.seeds import entropy

from ..plan.plan import Limits, Plan
from ..plan.trial_state import TRANSITIONS, TrialState
from .finished_trials import FinishedTrials
from .rung_counter import LiveRungCounter
from .running_trial import RunningTrial, final_report_fault


class Study:
    """All trials of a sweep, and the state of each.

    Invariants:

    - Every trial that was ever opened has a row in ``_finished``. Those that are due or running
      are also in `running`, and each of these has one job in ``_jobs``: its current attempt's.
      Any other job is superseded, and whatever the platform still says of it is ignored.
    - ``_launched`` holds the jobs that the platform was given and whose end it has not reported;
      each occupies a slot. It may hold superseded jobs: a stopped trial is over at once, but its
      job occupies a slot until it has ended.
    - A launched trial stays `TrialState.DUE` until the platform reports its start, so the jobs to
      launch are those in ``_jobs`` that are not in ``_launched``.
    - `counts` adds up to the number of opened trials, and its entries for due and running trials
      add up to the size of `running`.
    - ``_launched``, `RunningTrial.waiting_for` and `RunningTrial.dropped` describe jobs of the
      current driver. They are not journaled, and a replay does not restore them.
    """

    def __init__(self, plan: Plan, sweep: str) -> None:
        self.plan = plan
        self.sweep = sweep
        self.running: dict[int, RunningTrial] = {}
        """Trials that are due or running, by number."""
        self.counts: Counter[str] = Counter()
        """The number of trials in each state."""
        self.failures: Counter[str] = Counter()
        """How many trials failed for each reason."""
        self.suggestions = 0
        """The number of suggestions opened so far, promotions included."""
        self.incumbent: tuple[int, float] | None = None
        """Number of the best trial so far, and its value as the metric was reported."""
        self.rungs = LiveRungCounter(plan.full_budget or 0.0)
        """The number of trials opened, measured and promoted at each budget."""
        self._finished = FinishedTrials()
        self._jobs: dict[str, int] = {}
        """Trials by the jobs of their current attempts, in the order in which these became due."""
        self._launched: set[str] = set()
        self._curves: dict[int, Sequence[float]] = {}
        """Curves of measured trials that may be promoted, for the assessor."""

    @property
    def limits(self) -> Limits:
        """The limits of the sweep."""
        return self.plan.limits

    @property
    def opened(self) -> int:
        """Count the trials opened so far."""
        return len(self._finished)

    @property
    def exhausted(self) -> bool:
        """Whether ``max_trials`` trials have been opened."""
        return self.limits.max_trials is not None and self.opened >= self.limits.max_trials

    @property
    def vacancies(self) -> int:
        """Count the suggestions that may still be opened before all slots are taken."""
        return max(0, self.limits.concurrency - len(self._launched) - len(self._waiting()))

    @property
    def busy(self) -> bool:
        """Whether any job occupies a slot."""
        return bool(self._launched)

    def attempt(self, live: RunningTrial) -> Attempt:
        """Describe the current attempt of a trial.

        All attempts of a trial get the same seed. It has 63 bits, the top ones of a 128-bit hash,
        so that it is non-negative in the signed 64-bit integers of other languages and libraries.
        """
        seed = entropy(self.plan.seed, "trial", live.trial.number) >> 65
        return Attempt(self.sweep, live.trial, live.attempt, seed, live.inherits)

    def find_by_job(self, job: str) -> RunningTrial | None:
        """Find the trial whose current attempt is this job; None when the job is superseded."""
        number = self._jobs.get(job)
        return None if number is None else self.running[number]

    def take_due(self) -> list[Attempt]:
        """Return the attempts to launch now, in order; each occupies a slot from here on."""
        slots = max(0, self.limits.concurrency - len(self._launched))
        due = [self.attempt(self.running[number]) for number in self._waiting()[:slots]]
        self._launched.update(attempt.job for attempt in due)
        return due

    def _waiting(self) -> list[int]:
        return [number for job, number in self._jobs.items() if job not in self._launched]

    def mark_launched(self, live: RunningTrial) -> None:
        """Let the current attempt of a trial occupy a slot."""
        self._launched.add(self._job(live))

    def mark_waiting(self, job: str, resource: str) -> None:
        """Note what the platform needs before it can start a launched job."""
        if live := self.find_by_job(job):
            live.waiting_for = resource

    def open(self, suggestion: Suggestion) -> Opened:
        """Decide which trial a suggestion opens.

        A `Start` without a budget, from a tuner that does not use budgets, gets the full one.

        Raises
        ------
        ValueError
            When it is not a suggestion, or promotes a trial that cannot be promoted.
        """
        # Tuners are plugins, and may return anything: check what the types already promise.
        match suggestion:
            case Start(assignment, None, parent) if self.plan.budget:
                return self.open(Start(assignment, self.plan.full_budget, parent))
            case Start(assignment, budget):
                return Opened(Trial(self.opened, assignment, budget), suggestion)
            case Promote(number, budget) if self._can_be_promoted(number):
                return Opened(self._finished.trial(number, budget), suggestion)
            case Promote(number):
                raise ValueError(f"trial {number} cannot be promoted: only measured trials can be")
            case _:
                raise ValueError(f"{suggestion!r} is neither a Start nor a Promote")

    def on_start(self, job: str, handle: Json) -> Started | None:
        """Decide what a start means; None when the job is superseded or has started before."""
        live = self.find_by_job(job)
        if live is None or live.state is not TrialState.DUE:
            return None
        return Started(live.trial, live.attempt, handle)

    def on_report(self, job: str, line: TrialLine) -> Reported | None:
        """Decide what a report means; None when the job is superseded or the line is ignored."""
        live = self.find_by_job(job)
        return live.read(line, self.plan) if live else None

    def on_stop(self, live: RunningTrial, reason: str) -> Stopped:
        """Decide what an assessor's verdict means: the trial ends with its last value."""
        # Whether the tuner is told this value depends on the plan's `stopped_as`; the journal
        # keeps it in any case.
        last = live.curve[-1] if live.curve else None
        return Stopped(live.trial, last, reason, live.attempt)

    def on_end(
        self, job: str, failure: Failure | None
    ) -> Measured | Failed | Lost | Retried | None:
        """Free a job's slot, and decide what its end means; None when the job is superseded."""
        # Superseded jobs too: a stopped trial's job occupies its slot until it has ended.
        self._launched.discard(job)
        live = self.find_by_job(job)
        if live is None:
            return None
        fault = failure or final_report_fault(live.final, self.plan.objective)
        if fault is None and live.final and live.final.value is not None:
            return Measured(live.trial, live.final.value, live.attempt, live.final.metrics)
        assert fault is not None, "an end without a measurement is a failure"
        return self._retry_or_fail(live, fault)

    def _retry_or_fail(self, live: RunningTrial, failure: Failure) -> Failed | Lost | Retried:
        if live.failures[failure.kind] < self.limits.retries.get(failure.kind, 0):
            return Retried(live.trial, failure, live.attempt)
        if failure.kind is FailureKind.LOST:
            return Lost(live.trial, failure, live.attempt)
        return Failed(live.trial, failure, live.attempt)

    def on_driver_lost(self, live: RunningTrial) -> Retried:
        """Decide that a trial runs again, because its attempt ended with the previous driver.

        This uses up none of the trial's retries: the trial is not to blame.
        """
        self._launched.discard(self._job(live))
        failure = Failure(FailureKind.LOST, "the previous driver was interrupted")
        return Retried(live.trial, failure, live.attempt, counted=False)

    def apply(self, event: StudyEvent) -> None:
        """Enter an event: move its trial to the state that follows."""
        self._change_state(event)
        self.rungs.apply(event)
        number = event.trial.number
        match event:
            case Opened(trial, suggestion):
                self._begin(trial, suggestion)
            case Started(handle=handle):
                live = self.running[number]
                live.handle, live.waiting_for = handle, None
            case Reported():
                self.running[number].note(event)
            case Retried(failure=failure, counted=counted):
                self._retry(self.running[number], failure if counted else None)
            case Measured(trial, value, attempt):
                self._keep_curve(self.running[number])
                self._finish(number, attempt)
                self._update_incumbent(trial, value)
            case Stopped(attempt=attempt):
                self._finish(number, attempt)
            case Failed(failure=failure, attempt=attempt) | Lost(failure=failure, attempt=attempt):
                self._finish(number, attempt)
                self.failures[failure.message] += 1

    def _change_state(self, event: StudyEvent) -> None:
        number = event.trial.number
        live = self.running.get(number)
        before = live.state if live else self._finished.state(number)
        after = TRANSITIONS.get((before, type(event)))
        assert after is not None, f"{type(event).__name__} cannot happen to a trial {before}"
        if before is not None:
            self.counts[before] -= 1
        self.counts[after] += 1
        if live:
            live.state = after

    def _can_be_promoted(self, number: Any) -> bool:
        known = isinstance(number, int) and 0 <= number < self.opened
        # The row of a trial that was promoted says `MEASURED` while it is running again.
        idle = known and number not in self.running
        return idle and self._finished.state(number) is TrialState.MEASURED

    def _begin(self, trial: Trial, suggestion: Suggestion) -> None:
        inherits = suggestion.parent if isinstance(suggestion, Start) else None
        if isinstance(suggestion, Start):
            self._finished.add(trial.assignment)
        elif attempt := self._finished.measured_attempt(trial.number):
            # The last attempt may have failed; only a measured one left a complete checkpoint.
            inherits = CheckpointRef(trial.number, attempt)
        attempt = self._finished.attempts(trial.number) + 1
        live = RunningTrial(trial, self.suggestions, attempt, inherits)
        if isinstance(suggestion, Promote):
            live.inherited_curve = self._curves.pop(trial.number, ())
        self.suggestions += 1
        self.running[trial.number] = live
        self._jobs[self._job(live)] = trial.number

    def _retry(self, live: RunningTrial, failure: Failure | None) -> None:
        """Make a trial due again, at the end of the queue; `failure` is None if not counted."""
        del self._jobs[self._job(live)]
        if failure:
            live.failures[failure.kind] += 1
        # A job is named after its attempt. Under the new name, late reports of the failed attempt
        # are recognised as superseded.
        live.restart()
        self._jobs[self._job(live)] = live.trial.number

    def _keep_curve(self, live: RunningTrial) -> None:
        """Keep the curve of a trial that may be promoted, if there is an assessor to see it."""
        full = self.plan.full_budget or 0.0
        if self.plan.assessor and (live.trial.budget or full) < full:
            self._curves[live.trial.number] = tuple(live.curve)

    def _finish(self, number: int, attempt: int) -> None:
        live = self.running.pop(number)
        del self._jobs[self._job(live)]
        self._finished.close(number, live.state, attempt)

    def _update_incumbent(self, trial: Trial, value: float) -> None:
        objective = self.plan.objective
        if self.incumbent is None or value < objective.minimised(self.incumbent[1]):
            self.incumbent = (trial.number, objective.minimised(value))

    def _job(self, live: RunningTrial) -> str:
        return job_name(self.sweep, live.trial.number, live.attempt)
