"""An engine that writes every event to the log before it returns the event.

The log records that a job is accepted before the engine gets the job, so that no name starts a
job twice, whichever process crashes. If the log cannot be written, launches and events wait, and
nothing is lost.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..engine import Engine
from ..failures import CANCELLED
from ..leftovers import leftovers
from ..settings import Settings
from .event_log import EventLog, Record

_CANCELLED = CANCELLED._asdict()


def lost(message: str) -> dict[str, str]:
    """Describe a job that ended with its runner."""
    return {"kind": "lost", "message": message}


class RecordedEngine:
    """Launches and ends jobs, and returns the records of their events.

    A driver may take back a job and launch the same attempt again under another name. The second
    job waits until no process of the first one is left, because both write to the same folder.

    Invariants: a job is unended in the log, and in `running`, from its launch to its end. It is in
    `_accepted` while its acceptance is not written yet or its folder is used, and only then the
    engine does not know it; afterwards it is in `_folders`.
    """

    def __init__(self, settings: Settings, log: EventLog) -> None:
        self.engine = Engine(settings)
        self.running: set[str] = set()
        """Names of the jobs that have not ended."""
        self._log = log
        self._accepted: dict[str, dict[str, Any]] = {}
        self._folders: dict[str, str] = {}
        """The folder of the attempt of each job that the engine runs."""
        self._verdicts: dict[str, dict[str, str] | None] = {}
        """For jobs that were asked to end, what their end counts as."""

    def launch(self, name: str, submission: dict[str, Any]) -> None:
        """Start a job as soon as the log has it; a known name starts nothing."""
        if self.accept(name):
            self._accepted[name] = submission
            if submission["attempt_folder"] in self._folders.values():
                wants = "the end of an earlier job of the same attempt"
                self._record({"event": "waiting", "job": name, "wants": wants, "refusal": ""})

    def accept(self, name: str) -> bool:
        """Record that a job is about to be launched; return False if its name is known."""
        if name in self._log.jobs:
            return False
        self._log.append({"event": "accepted", "job": name})
        self.running.add(name)
        return True

    def refuse(self, name: str, reason: str) -> None:
        """Record that an accepted job cannot be launched on this machine."""
        self._record({"event": "refused", "job": name, "reason": reason})

    def cancel(self, name: str, verdict: dict[str, str] | None = None) -> None:
        """Ask a job to end; if it is still running, its failure is `verdict`."""
        if name in self.running:
            self._verdicts.setdefault(name, verdict or _CANCELLED)
        if self._accepted.pop(name, None) is not None:
            self._record({"event": "ended", "job": name, "failure": _CANCELLED})
        else:
            self.engine.cancel(name)

    def finish(self, name: str) -> None:
        """Ask a job to end as a success, because its reporting processes elsewhere have."""
        if self._accepted.pop(name, None) is not None:
            self._record({"event": "ended", "job": name, "failure": None})
        else:
            self.engine.finish(name)

    def end_all(self, verdict: dict[str, str] | None) -> None:
        """Ask all jobs to end; the failure of those that still run is `verdict`."""
        for name in list(self.running):
            self.cancel(name, verdict)

    def poll(self, seconds: float) -> list[Record]:
        """Wait for events, and return the records that are new in the log."""
        for event in self.engine.poll(seconds):
            self._record(event)
        return self.flush()

    def flush(self) -> list[Record]:
        """Write the new records, and launch the accepted jobs that may start."""
        written = self._log.flush()
        if self._accepted and not self._log.trouble:
            for name in list(self._accepted):
                self._start(name)
        return written

    def close(self, reason: str) -> None:
        """End all processes at once; jobs that have not ended are lost."""
        self.engine.close()
        for name in list(self.running):
            self._verdicts.setdefault(name, lost(reason))
            self._record({"event": "ended", "job": name, "failure": self._verdicts[name]})

    def _start(self, name: str) -> None:
        """Let the engine start a job, unless another job uses its folder."""
        folder = self._accepted[name]["attempt_folder"]
        if folder not in self._folders.values():
            self._folders[name] = folder
            self.engine.launch(name, self._accepted.pop(name))

    def _record(self, event: dict[str, Any]) -> None:
        name = event["job"]
        if event["event"] == "ended":
            event = {**event, "failure": self._failure(name, event["failure"])}
        if event["event"] in ("ended", "refused"):
            self.running.discard(name)
            self._verdicts.pop(name, None)
            self._folders.pop(name, None)
        self._log.append(event)

    def _failure(self, name: str, failure: dict[str, str] | None) -> dict[str, str] | None:
        """Return why a job failed; if it was asked to end, the engine does not know this."""
        return self._verdicts.get(name, failure) if failure == _CANCELLED else failure


def end_leftovers(folder: Path, log: EventLog) -> None:
    """Kill what an earlier daemon of this sweep left running, and record its jobs as lost."""
    # Even without an unended job, because the log of the earlier daemon may have been deleted.
    leftovers(folder, [log.session], end=True)
    for name in log.unended:
        log.append(
            {"event": "ended", "job": name, "failure": lost("its runner on this machine died")}
        )
