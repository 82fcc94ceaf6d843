"""The attempts of one trial, as the journal records them, while a driver runs and afterwards."""

from dataclasses import dataclass, field

from sweepwright.contracts import AttemptRef
from sweepwright.events import (
    Failed,
    Json,
    Lost,
    Measured,
    Opened,
    Retried,
    Started,
    Stopped,
    StudyEvent,
    job_name,
)

from ..entries import EventEntry, JobWaiting, SessionStarted
from ..journal_reader import JournalReader


@dataclass(slots=True)
class TrialAttempts:
    """The attempts of a trial; `update` reads new entries of the journal."""

    reader: JournalReader
    trial: int
    trials: int = 0
    """Number of trials that the sweep has opened."""
    current: int = 0
    """Number of the attempt that is due, runs, or ended last; 0 if the trial was never opened."""
    finished: bool = True
    """Whether no attempt is due or running."""
    waits_for: str | None = None
    """What the current attempt waits for."""
    _handles: dict[int, Json] = field(default_factory=dict)
    _endings: dict[int, str] = field(default_factory=dict)

    def update(self) -> None:
        """Read the entries that were added to the journal."""
        for entry in self.reader.entries():
            match entry:
                case EventEntry(event):
                    self._apply(event)
                case JobWaiting(self.trial, _, wants):
                    self.waits_for = wants
                case SessionStarted():
                    self.waits_for = None

    @property
    def latest(self) -> int:
        """Number of the last attempt that has started; 1 if none has."""
        return max(self._handles, default=1)

    def has_started(self, attempt: int) -> bool:
        """Tell whether a driver saw an attempt start."""
        return attempt in self._handles

    def ending(self, attempt: int) -> str | None:
        """Say how an attempt ended; None while it is due or running."""
        return self._endings.get(attempt)

    def reference(self, attempt: int) -> AttemptRef:
        """Return an attempt as a platform knows it."""
        job = job_name(self.reader.folder.name, self.trial, attempt)
        return AttemptRef(self.trial, attempt, job, self._handles.get(attempt))

    def _apply(self, event: StudyEvent) -> None:
        if isinstance(event, Opened):
            self.trials = max(self.trials, event.trial.number + 1)
        if event.trial.number != self.trial:
            return
        match event:
            case Opened():
                self.finished = False
                self.current += 1
            case Started(attempt=attempt, handle=handle):
                self._handles[attempt] = handle
            case Retried(attempt=attempt, failure=failure):
                self._endings[attempt] = failure.message
                self.current = attempt + 1
            case Measured(attempt=attempt):
                self._end(attempt, "it was measured")
            case Stopped(attempt=attempt, reason=reason):
                self._end(attempt, f"it was stopped: {reason}")
            case Failed(attempt=attempt, failure=failure) | Lost(attempt=attempt, failure=failure):
                self._end(attempt, failure.message)

    def _end(self, attempt: int, ending: str) -> None:
        self._endings[attempt] = ending
        self.current = attempt
        self.finished = True
