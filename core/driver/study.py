"""The study: the state machine of a running sweep, without I/O and without a clock.

The technique is event sourcing. `open` and the methods called ``on_...`` decide which event
follows from a suggestion or an observation of the platform, and the driver journals the event.
`apply` then updates the study. Only `apply` changes the state that a replay must restore.
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
from sweepwright.protocol import TrialLine
from sweepwright.seeds import entropy

from ..plan.assignment_values import AssignmentValues
from ..plan.plan import Limits, Plan
from ..plan.trial_state import TRANSITIONS, TrialState
from .finished_trials import FinishedTrials
from .rung_counter import LiveRungCounter
from .running_trial import RunningTrial


class Study:
    """All trials of a sweep, and the state of each trial.

    Invariants:

    - Every opened trial has a row in ``_finished``. A trial that is due or running is also in
      `running`, and the job of its current attempt is in ``_jobs``. All other jobs are superseded,
      and the study ignores their events.
    - ``_launched`` contains each job that the platform has received and not yet reported as ended.
      Each of these jobs occupies a slot. Some may be superseded: a stopped trial ends at once, but
      its job occupies a slot until the job has ended.
    - A launched trial stays `TrialState.DUE` until the platform reports its start. The jobs to
      launch are therefore the jobs in ``_jobs`` that are not in ``_launched``.
    - The sum of `counts` is the number of opened trials. The counts of due and running trials add
      up to the size of `running`.
    - ``_launched``, `RunningTrial.waiting_for` and the counts of `RunningTrial.log` describe jobs
      of the current driver. They are not journaled, and a replay does not restore them.
    """

    def __init__(self, plan: Plan, sweep: str) -> None:
        self.plan = plan
        self.sweep = sweep
        self.running: dict[int, RunningTrial] = {}
        """Trials that are due or running, by trial number."""
        self.counts: Counter[str] = Counter()
        """Number of trials in each state."""
        self.failures: Counter[str] = Counter()
        """Number of failed trials for each reason."""
        self.events = 0
        """Number of events applied so far."""
        self.suggestions = 0
        """Number of suggestions opened so far, including promotions."""
        self.rungs = LiveRungCounter(plan.full_budget or 0.0)
        """Counts of trials opened, measured and promoted at each budget."""
        # A tuner promotes a trial to a larger budget.
        self._finished = FinishedTrials(keep_assignments=plan.budget is not None)
        self._jobs: dict[str, int] = {}
        """Trial number of each current job. The job that became due first comes first."""
        self._launched: set[str] = set()
        self._curves: dict[int, Sequence[float]] = {}
        """Curves of measured trials that may be promoted. They are kept for the assessor."""

    @property
    def limits(self) -> Limits:
        """The limits of the sweep."""
        return self.plan.limits

    @property
    def opened(self) -> int:
        """Number of trials opened so far."""
        return len(self._finished)

    @property
    def values(self) -> AssignmentValues:
        """The measurements of each assignment, minimised, and the best assignment."""
        return self._finished.values

    @property
    def incumbent(self) -> tuple[int, float] | None:
        """The best assignment's first measured trial, and its value in the metric's unit."""
        if self.values.best is None:
            return None
        first, value = self.values.best
        return min(self.values.measurements(first)), self.plan.objective.minimised(value)

    @property
    def exhausted(self) -> bool:
        """Whether ``max_trials`` trials have been opened."""
        return self.limits.max_trials is not None and self.opened >= self.limits.max_trials

    @property
    def vacancies(self) -> int:
        """Number of suggestions that may still be opened before all slots are taken."""
        return max(0, self.limits.concurrency - len(self._launched) - len(self._waiting()))

    @property
    def busy(self) -> bool:
        """Whether any job occupies a slot."""
        return bool(self._launched)

    def attempt(self, live: RunningTrial) -> Attempt:
        """Describe the current attempt of a trial; all attempts of a trial get the same seed."""
        seed = entropy(self.plan.seed, "trial", live.trial.number) >> 65
        return Attempt(self.sweep, live.trial, live.attempt, seed, live.inherits)

    def find_by_job(self, job: str) -> RunningTrial | None:
        """Return the trial whose current attempt is this job; None if the job is superseded."""
        number = self._jobs.get(job)
        return None if number is None else self.running[number]

    def is_running(self, job: str) -> bool:
        """Tell whether a job is that of a running trial."""
        live = self.find_by_job(job)
        return live is not None and live.state is TrialState.RUNNING

    def take_due(self) -> list[Attempt]:
        """Return the attempts to launch now, in order. Each attempt now occupies a slot."""
        slots = max(0, self.limits.concurrency - len(self._launched))
        due = [self.attempt(self.running[number]) for number in self._waiting()[:slots]]
        self._launched.update(attempt.job for attempt in due)
        return due

    def _waiting(self) -> list[int]:
        return [number for job, number in self._jobs.items() if job not in self._launched]

    def mark_launched(self, live: RunningTrial) -> None:
        """Let the current attempt of a trial occupy a slot."""
        self._launched.add(self._job(live))

    def open(self, suggestion: Suggestion) -> Opened:
        """Decide which trial a suggestion opens.

        A `Start` without a budget, from a tuner that does not use budgets, gets the full budget.

        Raises
        ------
        ValueError
            When the object is not a suggestion, promotes a trial that cannot be promoted, or
            repeats a trial that is not the first one of the assignment.
        """
        # Tuners are plugins and may return any object, so check the types at run time.
        match suggestion:
            case Start(budget=None) if self.plan.budget:
                return self.open(replace(suggestion, budget=self.plan.full_budget))
            case Start(assignment, budget):
                self._finished.check_start(suggestion)
                return Opened(Trial(self.opened, assignment, budget), suggestion)
            case Promote(number, budget) if self._can_be_promoted(number):
                return Opened(self._finished.trial(number, budget), suggestion)
            case Promote(number):
                why = "only measured trials can be" if self.plan.budget else "there is no budget"
                raise ValueError(f"trial {number} cannot be promoted: {why}")
            case _:
                raise ValueError(f"{suggestion!r} is neither a Start nor a Promote")

    def on_start(self, job: str, handle: Json) -> Started | None:
        """Return the event for a job's start; None if it is a superseded or started job."""
        live = self.find_by_job(job)
        if live is None or live.state is not TrialState.DUE:
            return None
        return Started(live.trial, live.attempt, handle)

    def on_report(self, job: str, line: TrialLine) -> Reported | None:
        """Return the event for a report; None if the job is superseded or the line is ignored."""
        live = self.find_by_job(job)
        return live.read(line, self.plan) if live else None

    def on_stop(self, live: RunningTrial, reason: str) -> Stopped:
        """Return the event for an assessor's stop of a trial, including the trial's last value."""
        # The journal stores this value; `stopped_as` decides whether the tuner receives it.
        last = live.curve[-1] if live.curve else None
        return Stopped(live.trial, last, reason, live.attempt)

    def on_end(
        self, job: str, failure: Failure | None
    ) -> Measured | Failed | Lost | Retried | None:
        """Free a job's slot and return the event for its end; None if the job is superseded."""
        self._launched.discard(job)
        live = self.find_by_job(job)
        return live.end(failure, self.plan) if live else None

    def on_interrupted(self, job: str, reason: str) -> Retried | None:
        """Free the slot of a job that ended for a reason that is not its own.

        The event makes a running trial due again, without using up a retry. A due trial stays due.
        """
        self._launched.discard(job)
        if live := self.find_by_job(job):
            live.waiting_for = None
        if live is None or live.state is TrialState.DUE:
            return None
        return Retried(live.trial, Failure(FailureKind.LOST, reason), live.attempt, counted=False)

    def apply(self, event: StudyEvent) -> None:
        """Apply an event: move its trial to the next state, and update counts and incumbent."""
        self._change_state(event)
        self.events += 1
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
            case Measured(value=value, attempt=attempt):
                self._keep_curve(self.running[number])
                self._finish(number, attempt)
                self._finished.values.measure(number, value)
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
        # While a promoted trial is under way, its row still says `MEASURED`.
        idle = known and number not in self.running and self.plan.budget is not None
        return idle and self._finished.state(number) is TrialState.MEASURED

    def _begin(self, trial: Trial, suggestion: Suggestion) -> None:
        inherits = suggestion.parent if isinstance(suggestion, Start) else None
        if isinstance(suggestion, Start):
            self._finished.add(suggestion)
        elif attempt := self._finished.measured_attempt(trial.number):
            # The last attempt may have failed. Only a measured attempt left a complete checkpoint.
            inherits = CheckpointRef(trial.number, attempt)
        attempt = self._finished.attempts(trial.number) + 1
        reason = suggestion.reason if isinstance(suggestion, Start) else ""
        live = RunningTrial(trial, self.suggestions, attempt, inherits, reason)
        if isinstance(suggestion, Promote):
            live.inherited_curve = self._curves.pop(trial.number, ())
        self.suggestions += 1
        self.running[trial.number] = live
        self._jobs[self._job(live)] = trial.number

    def _retry(self, live: RunningTrial, failure: Failure | None) -> None:
        """Append a trial to the queue of due trials. If `failure` is None, no retry is used up."""
        del self._jobs[self._job(live)]
        if failure:
            live.failures[failure.kind] += 1
        # The name of a job contains the number of its attempt. After a retry, late reports of the
        # failed attempt therefore carry an old name and are recognised as superseded.
        live.restart()
        self._jobs[self._job(live)] = live.trial.number

    def _keep_curve(self, live: RunningTrial) -> None:
        """Keep the curve of a trial that may be promoted, if the sweep has an assessor."""
        full = self.plan.full_budget or 0.0
        if self.plan.assessor and (live.trial.budget or full) < full:
            self._curves[live.trial.number] = tuple(live.curve)

    def _finish(self, number: int, attempt: int) -> None:
        live = self.running.pop(number)
        del self._jobs[self._job(live)]
        self._finished.close(number, live.state, attempt)

    def _job(self, live: RunningTrial) -> str:
        return job_name(self.sweep, live.trial.number, live.attempt)
