"""The driver: the one loop that asks, records, launches and listens.

Within a turn everything that was seen and suggested goes to the journal, the study and the
tuner, all of them in this process's memory; then the turn is committed; only then does it
take effect outside: jobs are launched and cancelled, and people see it.
"""

import os
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Protocol

from sweepwright import __version__
from sweepwright.contracts import Ended, Launched, Output, PluginError, Sighting, Waiting
from sweepwright.events import (
    Failure,
    Json,
    Reported,
    Start,
    StudyEvent,
    Suggestion,
)
from sweepwright.protocol import read_line

from ..plan.plan import limits_body
from ..plan.trial_state import TrialState
from ..store.history import CLOSED, LATE, SESSION
from ..store.journal import Journal, JournalFullError, LinePlace
from .crash_points import reach
from .event_order import EventFeed, ImmediateFeed, OrderedFeed
from .outcome import Ending, decide_outcome
from .running_trial import RunningTrial
from .runtime import Runtime, attribute_errors
from .signals import Interrupts
from .study import Study

POLL_SECONDS = 0.5
FULL_DISK_SECONDS = 2.0
COMMIT_SECONDS = 0.1
"""How long reports may wait for a commit that something else needs."""


class Display(Protocol):
    """Shows a sweep to a person."""

    def update(self, study: Study, events: Sequence[StudyEvent]) -> None:
        """Show what was journaled in a turn; called every turn, a thousand times a second."""
        ...

    def say(self, line: str) -> None:
        """Show something that a person should know."""
        ...


class Driver:
    """Runs a study to its end, or to the interruption of it."""

    def __init__(self, study: Study, journal: Journal, parts: Runtime, display: Display) -> None:
        self.study = study
        self.telling: EventFeed = OrderedFeed() if study.plan.reproducible else ImmediateFeed()
        self._journal = journal
        self._parts = parts
        self._display = display
        self._fresh: list[StudyEvent] = []
        self._cancelled: list[str] = []
        self._launched = 0
        self._commit_by = 0.0
        self._in_vain = False
        self._draining = ""
        self._unreadable: set[str] = set()

    def run(self, seconds: float = 0.0) -> Ending:
        """Drive until nothing is left to do; `seconds` were spent by earlier drivers."""
        deadline = self._deadline(seconds)
        with Interrupts() as interrupts:
            try:
                self._drive(interrupts, deadline)
                ending = decide_outcome(self.study, self._draining, interrupts.exit_code)
                ending = replace(ending, launched=self._launched)
            except PluginError as error:
                ending = Ending("failed", str(error), 1)
            self._note_end(ending)
            return ending

    def begin(self) -> None:
        """Record who drives the sweep from here on, and under which limits."""
        plan = self.study.plan
        self._journal.note(
            SESSION,
            {
                "limits": limits_body(plan.limits),
                "platform": asdict(plan.platform),
                "process": os.getpid(),
                "host": socket.gethostname(),
                "version": __version__,
            },
        )

    def take_up(self, uncancelled: Iterable[str]) -> None:
        """Take up the attempts of an earlier driver, or make them due again."""
        self._parts.cancel(uncancelled)
        for live in list(self.study.running.values()):
            if live.state is TrialState.RUNNING:
                self._take_up(live)

    def _take_up(self, live: RunningTrial) -> None:
        if self._parts.reattach(self.study.attempt(live), live.handle, live.cursor):
            self.study.mark_launched(live)
        else:
            self._advance(self.study.on_driver_lost(live))

    def _deadline(self, seconds: float) -> float:
        limit = self.study.limits.max_duration
        return float("inf") if limit is None else time.monotonic() + limit - seconds

    def _consider_draining(self, interrupts: Interrupts, deadline: float) -> None:
        if interrupts.count and not self._draining:
            self._draining = "interrupted"
            self._display.say("draining: running trials may end; once more to stop them now")
        elif time.monotonic() >= deadline:
            self._draining = "max_duration is over"

    def _drive(self, interrupts: Interrupts, deadline: float) -> None:
        while True:
            self._suggest()
            if not self._commit(interrupts) or interrupts.count > 1 or self._idle():
                break
            self._launch()
            self._listen()
            self._consider_draining(interrupts, deadline)
        if interrupts.count > 1:
            self._display.say("stopping now; what ran will run again at a resume")

    def _suggest(self) -> None:
        """Open what the tuner suggests, as far as there is room."""
        while not self._draining and not self._in_vain and self.study.vacancies:
            if self.study.exhausted and not self._parts.promotes:
                return
            news = self.telling.before_asking(
                self.study.suggestions, self.study.limits.concurrency
            )
            if news is None:
                return
            self._parts.tell(news)
            if not self._open(self._ask()):
                news = self.telling.after_asking_in_vain()
                self._in_vain = news is None
                self._parts.tell(news or ())
            elif not self.study.plan.reproducible:
                return

    def _ask(self) -> Sequence[Suggestion]:
        count = 1 if self.study.plan.reproducible else self.study.vacancies
        suggestions = self._parts.given(self.study.opened, count) or self._parts.ask(count)
        reach("asked")
        return suggestions

    def _open(self, suggestions: Sequence[Suggestion]) -> int:
        """Open suggestions, leaving out trials beyond the last; return how many."""
        count = 0
        for suggestion in suggestions:
            if not (isinstance(suggestion, Start) and self.study.exhausted):
                with attribute_errors(self.study.plan.tuner):
                    opened = self.study.open(suggestion)
                self._advance(opened, told=self.telling.told)
                count += 1
        reach("opened")
        return count

    def _commit(self, interrupts: Interrupts) -> bool:
        """Make the turn last, then let it take effect on what runs and on what is shown.

        False when the disk is full and somebody would rather end than wait.
        """
        if self._can_wait():
            return True
        if not self._committed() and not self._outwait_full_disk(interrupts):
            return False
        reach("committed")
        self._parts.cancel(self._cancelled)
        self._display.update(self.study, self._fresh)
        self._cancelled, self._fresh = [], []
        self._commit_by = time.monotonic() + COMMIT_SECONDS
        return True

    def _can_wait(self) -> bool:
        """Tell whether nothing of this turn takes effect, so that a later commit takes it along.

        That is so of reports alone: were they lost with this process, so would be the cursor,
        and the platform would read them again.
        """
        reports = all(isinstance(event, Reported) for event in self._fresh)
        return reports and not self._cancelled and time.monotonic() < self._commit_by

    def _outwait_full_disk(self, interrupts: Interrupts) -> bool:
        """Try until there is room for the journal; False when asked to end instead."""
        self._display.say(f"no room to write {self._journal.path}; waiting for some to be freed")
        while interrupts.count == 0:
            time.sleep(FULL_DISK_SECONDS)
            if self._committed():
                self._display.say("there is room again")
                return True
        return False

    def _committed(self) -> bool:
        try:
            self._journal.commit()
        except JournalFullError:
            return False
        return True

    def _idle(self) -> bool:
        """Tell whether nothing runs and nothing will."""
        study = self.study
        return not study.busy and (bool(self._draining) or not study.running)

    def _launch(self) -> None:
        if self._draining:
            return
        for live in self.study.due:
            self._parts.launch(self.study.attempt(live))
            self.study.mark_launched(live)
            self._launched += 1
            reach("launched")

    def _listen(self) -> None:
        sightings = self._parts.poll(POLL_SECONDS)
        if sightings:
            reach("seen")
        for sighting in sightings:
            self._see(sighting)
        if sightings:
            reach("acknowledged")

    def _see(self, sighting: Sighting) -> None:
        match sighting:
            case Launched(job, handle):
                if started := self.study.on_start(job, handle):
                    self._advance(started)
            case Waiting(job, wants):
                self.study.mark_waiting(job, wants)
            case Output(job, line, cursor):
                self._hear(job, line, cursor)
            case Ended(job, failure):
                self._end(job, failure)

    def _hear(self, job: str, line: str, cursor: Json) -> None:
        live, said = self.study.find_by_job(job), read_line(line)
        if live is None:
            self._journal.note(LATE, {"job": job, "line": line[:1000]})
        elif said is None:
            self._complain(job, line)
        elif report := self.study.on_report(job, said):
            live.cursor = cursor
            place = LinePlace(said.role, said.rank, said.sequence)
            self._advance(report, place, cursor=cursor)
            self._assess(live, report)

    def _complain(self, job: str, line: str) -> None:
        if job not in self._unreadable:
            self._unreadable.add(job)
            self._display.say(f"{job} wrote a line that is no report: {line[:80]!r}")

    def _assess(self, live: RunningTrial, report: Reported) -> None:
        if self._parts.assessor is None or report.final or report.value is None:
            return
        if reason := self._parts.assess(live.trial, live.curve):
            self._cancelled.append(self.study.attempt(live).job)
            self._advance(self.study.on_stop(live, reason))

    def _end(self, job: str, failure: Failure | None) -> None:
        self._unreadable.discard(job)
        live = self.study.find_by_job(job)
        dropped = live.dropped if live else 0
        event = self.study.on_end(job, failure)
        if event is None:
            self._journal.note(LATE, {"job": job, "ended": failure and failure.message})
        else:
            self._advance(event, None, dropped=dropped)

    def _advance(self, event: StudyEvent, place: LinePlace | None = None, **extra: Json) -> None:
        """Enter an event: journal, then study, then tuner."""
        live = self.study.running.get(event.trial.number)
        self._journal.add(event, place, **extra)
        self.study.apply(event)
        self._fresh.append(event)
        self._parts.tell(self.telling.enter(event, live or self.study.running[event.trial.number]))
        if not isinstance(event, Reported):
            self._in_vain = False

    def _note_end(self, ending: Ending) -> None:
        self._journal.note(CLOSED, {"state": ending.state, "reason": ending.reason})
        if not self._committed():
            self._display.say("no room to write the journal; the last turn will run again")
