"""The driver: one loop that asks the tuner, records events, launches jobs and polls the platform.

Each iteration is called a turn and has four steps:

1. Suggest: ask the tuner while slots are free, and open the suggested trials.
2. Commit: write all entries since the last commit to the journal, then cancel the jobs of stopped
   trials and update the display.
3. Launch: submit the jobs that are due to the platform.
4. Poll: wait for events from the platform, and record them.

`Driver._advance` records each event in three places: in the journal's uncommitted rows, in the
study, and in the tuner. All three are in the memory of this process, so a crash loses them
together. A replay of the journal then restores the study and the tuner as of the last commit.
`turn` explains why effects wait for the commit. docs/architecture.md ("Durability") lists what
each crash leaves behind.
"""

import time
from collections import Counter
from collections.abc import Iterable

from sweepwright import __version__
from sweepwright.contracts import Ended, JobEvent, Launched, Output, PluginError, Refused, Waiting
from sweepwright.events import Failure, Json, Reported
from sweepwright.protocol import read_line

from ..plan.redaction import mask_known
from ..plan.trial_state import TrialState
from ..store.entries import EventEntry, LateEnd, LateLine, SessionEnded
from ..store.journal import Journal
from ..store.sessions import begin_session
from .crash_points import crash_point
from .ending.drain import Drain
from .ending.outcome import SweepOutcome, decide_outcome
from .ending.withdrawal import Withdrawal
from .job_waits import JobWaits
from .ordering.event_order import choose_feed
from .report_warnings import ReportWarnings
from .running_trial import RunningTrial
from .runtime import Runtime, attribute_errors
from .signals import SignalCounter
from .study import Study
from .trial_opener import TrialOpener
from .turn import Display, Turn

POLL_SECONDS = 0.5
"""Longest time that a poll may block. Signals and deadlines are checked between polls."""
LATE_LINES_KEPT = 100
"""Number of lines that are kept of a job that still writes after its attempt has ended."""


class Driver:
    """Runs the trials of a study until no work is left or the driver is interrupted."""

    def __init__(self, study: Study, journal: Journal, runtime: Runtime, display: Display) -> None:
        self.study = study
        self.feed = choose_feed(reproducible=study.plan.reproducible)
        self._journal = journal
        self._runtime = runtime
        self._display = display
        self._turn = Turn(journal, display)
        self._opener = TrialOpener(study, self.feed, runtime, self._advance)
        self._launched = 0
        self._drain = Drain(study.limits, display.notify)
        self._withdrawal = Withdrawal(study, self._cancel)
        self._waits = JobWaits(study, journal.append, display.notify)
        self._late_lines: Counter[str] = Counter()
        self._report_warnings = ReportWarnings(study.plan, display.notify)

    def begin(self) -> None:
        """Record the beginning of this driver's session, with its limits and its platform."""
        plan = self.study.plan
        session, believes = self._runtime.session, self._runtime.believes
        self._journal.append(
            begin_session(plan.limits, plan.platform, __version__, session, believes=believes)
        )

    def recover(self, uncancelled: Iterable[str]) -> None:
        """Take over the jobs of an earlier driver.

        A trial that was running is reattached if the platform still runs its job; otherwise the
        trial becomes due again. `uncancelled` lists jobs of stopped trials and of interrupted
        attempts that the earlier driver may not have cancelled. They are cancelled now.
        """
        self._cancel(uncancelled)
        for live in list(self.study.running.values()):
            # A due trial is launched as usual. The earlier driver may have launched the same job
            # without seeing it start. The platform then recognises the job by its name and does
            # not start it again.
            if live.state is not TrialState.RUNNING:
                continue
            attempt = self.study.attempt(live)
            if self._runtime.reattach(attempt, live.handle, live.cursor):
                self.study.mark_launched(live)
            else:
                self._interrupt(attempt.job, "the previous driver was interrupted")

    def run(self, seconds: float = 0.0) -> SweepOutcome:
        """Drive the study; earlier drivers have already used `seconds` of ``max_duration``."""
        limit = self.study.limits.max_duration
        deadline = float("inf") if limit is None else time.monotonic() + limit - seconds
        with SignalCounter() as signals:
            try:
                self._drive(signals, deadline)
                outcome = decide_outcome(
                    self.study,
                    self._drain.reason,
                    signals.exit_code,
                    self._launched,
                    self._waits.refusals.final,
                )
            except PluginError as error:
                outcome = SweepOutcome("failed", str(error), 1)
            # An error or a full disk may have ended a turn early. Commit its events as well: they
            # have happened, and a resume continues after them.
            self._record_end(outcome)
            return outcome

    def _drive(self, signals: SignalCounter, deadline: float) -> None:
        while True:
            # Suggest before the commit, so that an opening is committed before its job is
            # launched.
            if not self._drain.reason:
                self._opener.open_trials()
            committed = self._commit(signals)
            stops = self._drain.must_stop(signals, busy=self.study.busy)
            if stops:
                self._stop_jobs(signals)
            if stops or not committed or self._finished():
                break
            self._launch()
            self._poll()
            self._drain.update(signals, deadline, refused=bool(self._waits.refusals.final))
            if self._drain.reason:
                # Otherwise the drain would last as long as these jobs wait.
                self._withdrawal.withdraw_waiting()
            self._waits.settle()

    def _finished(self) -> bool:
        """Tell whether no job is running and no further job will be launched."""
        study = self.study
        # While the driver is draining, trials that are due are not launched. A resume launches
        # them.
        return not study.busy and (bool(self._drain.reason) or not study.running)

    def _stop_jobs(self, signals: SignalCounter) -> None:
        """Cancel the jobs that would outlive this driver, and wait a while for their ends."""
        if not self._runtime.outlives:
            return  # they end when the platform is closed

        def turn() -> None:
            self._poll()
            self._commit(signals)

        for job in self._withdrawal.stop_all(signals, turn, self._display.notify):
            self._interrupt(job, "it was cancelled, but its end was not seen")

    def _advance(self, entry: EventEntry) -> None:
        """Record an event in the journal, apply it to the study, then pass it to the tuner.

        The order does not matter for crashes, because the journal's rows, the study and the tuner
        are all in memory. The order does matter for errors: if the tuner raises an exception, the
        journal and the study already agree on the event.
        """
        event = entry.event
        live = self.study.running.get(event.trial.number)
        self._turn.add(entry)
        self.study.apply(event)
        live = live or self.study.running[event.trial.number]
        self._runtime.tell(self.feed.enter(event, live))
        self._opener.note(event)

    def _commit(self, signals: SignalCounter) -> bool:
        """Commit the turn, then carry out its effects.

        Returns
        -------
        bool
            False if the disk is full and a signal ended the wait for free space.

        Raises
        ------
        StoreError
            When the journal cannot be written and waiting cannot help.
        """
        if self._turn.can_wait():
            self._journal.check_place()
            return True
        if not self._turn.commit(signals):
            return False
        crash_point("committed")
        self._cancel(self._turn.cancelled)
        self._display.update(self.study, self._turn.events)
        self._turn.begin_next()
        return True

    def _cancel(self, jobs: Iterable[str]) -> None:
        with attribute_errors(self.study.plan.platform):
            for job in jobs:
                self._runtime.platform.cancel(job)

    def _launch(self) -> None:
        if self._drain.reason:
            return
        for attempt in self.study.take_due():
            self._runtime.launch(attempt)
            self._launched += 1
            crash_point("launched")
        if self._launched and not self.study.exhausted:
            # All slots are taken, so no slot waits for the imports.
            self._runtime.preload()

    def _poll(self) -> None:
        """Wait for events from the platform, and record them."""
        events = self._runtime.poll(POLL_SECONDS)
        if not events:
            return
        crash_point("seen")
        for event in events:
            self._record(event)
        crash_point("acknowledged")

    def _record(self, event: JobEvent) -> None:
        match event:
            case Launched(job, handle):
                self._waits.forget(job)
                if started := self.study.on_start(job, handle):
                    self._advance(EventEntry(started))
            case Waiting():
                self._waits.on_waiting(event)
            case Refused(job, reason):
                self._waits.forget(job)
                self._waits.refusals.on_refused(job, reason)
                self._interrupt(job, reason)
            case Output(job, line, cursor):
                self._record_output(job, line, cursor)
            case Ended(job, failure):
                self._record_job_end(job, failure)

    def _record_output(self, job: str, text: str, cursor: Json) -> None:
        live, line = self.study.find_by_job(job), read_line(text)
        if live is None:
            # A cancelled job writes output until the platform has ended it. Keep some lines for
            # diagnosis.
            self._late_lines[job] += 1
            if self._late_lines[job] <= LATE_LINES_KEPT:
                self._journal.append(LateLine(job, mask_known(text[:1000])))
        elif line is None:
            self._report_warnings.on_unreadable(job, text)
        elif report := self.study.on_report(job, line):
            live.cursor = cursor
            self._advance(
                EventEntry(
                    report,
                    role=line.role,
                    rank=line.rank,
                    process=line.process,
                    line=line.sequence,
                    cursor=cursor,
                )
            )
            self._report_warnings.on_report(job, live.log)
            self._assess(live, report)

    def _assess(self, live: RunningTrial, report: Reported) -> None:
        """Ask the assessor whether to stop a trial after a report, and record a stop."""
        assessor, selection = self._runtime.assessor, self.study.plan.assessor
        if assessor is None or selection is None or report.final or report.value is None:
            return
        with attribute_errors(selection):
            reason = assessor.assess(live.trial, live.curve)
        if reason:
            # Cancelling has an effect outside of this process, so it has to wait for the commit.
            self._turn.cancelled.append(self.study.attempt(live).job)
            self._advance(EventEntry(self.study.on_stop(live, reason)))

    def _record_job_end(self, job: str, failure: Failure | None) -> None:
        self._report_warnings.forget(job)
        self._waits.forget(job)
        if self._withdrawal.explains(job, failure):
            self._interrupt(job, "its driver was interrupted")
            return
        live = self.study.find_by_job(job)
        dropped = live.log.dropped if live else 0  # read now: a retry resets it
        event = self.study.on_end(job, failure)
        if event is None:
            del self._late_lines[job]
            self._journal.append(LateEnd(job, failure.message if failure else None))
        else:
            self._advance(EventEntry(event, dropped=dropped))

    def _interrupt(self, job: str, reason: str) -> None:
        """Record that a job ended early for a reason that is not its own."""
        if event := self.study.on_interrupted(job, reason):
            self._advance(EventEntry(event))

    def _record_end(self, outcome: SweepOutcome) -> None:
        self._journal.append(SessionEnded(outcome.state, outcome.reason))
        if refusal := self._turn.try_commit():
            self._display.notify(f"{refusal}; a resume repeats the last turn")
