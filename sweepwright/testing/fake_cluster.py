"""A discrete-event simulation of a cluster: jobs on a virtual clock.

A priority queue holds the next event of each job. If a job is ended early, its entry in the queue
is stale: the entry's time differs from the time of the job's next event. A stale entry is dropped
when it reaches the front of the queue.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import Any, TypeAlias

from sweepwright.contracts import Ended, Finding, Job, Refused
from sweepwright.events import Failure, FailureKind, Json
from sweepwright.protocol import TrialLine, write_line

Metric: TypeAlias = float | Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Behavior:
    """Behavior of a running job."""

    seconds: float = 1.0
    """Duration of the job; infinity if it runs until it is cancelled."""
    reports: Sequence[Metric] = ()
    """Intermediate results, which are evenly spaced over the job's duration."""
    result: Metric | None = None
    """The final result, which the job reports at its end."""
    failure: Failure | None = None
    """The failure with which the job ends; None if it succeeds."""
    lines: Sequence[str] = ()
    """Other lines that the job writes to its reports before its results."""
    continued: bool = False
    """Whether the job continues from the checkpoint that it inherits, if there is one."""
    stdout: str = ""
    """What the job prints as it starts."""
    stderr: str = ""
    """What the job prints to standard error as it starts; its failure follows when it fails."""
    checkpoint: Mapping[str, bytes] = field(default_factory=dict)
    """Files of the checkpoint that the job leaves if it succeeds, by path."""


BehaviorOf: TypeAlias = Callable[[Mapping[str, Any], Job], Behavior]
"""Function that returns the behavior of a job, given its assignment (which may be empty) and the
job."""


@dataclass(slots=True)
class SimulatedJob:
    """A job on the cluster, with the lines that it has written and the way it ended."""

    job: Job
    behavior: Behavior
    handle: Json
    pending: deque[tuple[float, str]]
    """Lines that the job will still write, each with its time after the start."""
    started: float | None = None
    written: list[str] = field(default_factory=list)
    ending: Ended | Refused | None = None

    @property
    def next_time(self) -> float:
        """Time of the job's next event; infinity if it has no further event."""
        if self.started is None or self.ending:
            return inf
        line = self.pending[0][0] if self.pending else inf
        return self.started + min(line, self._duration)

    def step(self) -> None:
        """Write the next line, or end the job if no line is left."""
        if self.pending and self.pending[0][0] <= self._duration:
            self.written.append(self.pending.popleft()[1])
        else:
            self.ending = Ended(self.job.name, self._failure())

    def files(self) -> dict[str, bytes]:
        """Return the files of the job at this moment, by path (`sweepwright.contracts`)."""
        if self.started is None:
            return {}
        failure = self.ending.failure if isinstance(self.ending, Ended) else None
        traceback = f"{failure.message}\n" if failure else ""
        files = {
            "main-0.stdout": self.behavior.stdout.encode(),
            "main-0.stderr": f"{self.behavior.stderr}{traceback}".encode(),
        }
        if isinstance(self.ending, Ended) and failure is None:
            kept = self.behavior.checkpoint.items()
            files |= {f"checkpoint/{path}": content for path, content in kept}
        return files

    @property
    def _duration(self) -> float:
        limit = self.job.time_limit
        return self.behavior.seconds if limit is None else min(self.behavior.seconds, limit)

    def _failure(self) -> Failure | None:
        if self._duration < self.behavior.seconds:
            return Failure(FailureKind.TIMEOUT, f"ran over its time limit of {self._duration:g} s")
        return self.behavior.failure


@dataclass(frozen=True, slots=True)
class Refusal:
    """A resource that the cluster refuses to jobs which have not started."""

    wants: str
    reason: str
    until: float


class Cluster:
    """Runs simulated jobs on a virtual clock, for any number of platforms."""

    def __init__(self, behavior_of: BehaviorOf, slots: float = inf) -> None:
        self.now = 0.0
        """Virtual time in seconds since the beginning."""
        self.runs: dict[str, SimulatedJob] = {}
        """Mapping from name to job, with every job that was launched."""
        self.refusal: Refusal | None = None
        """The resource that the cluster refuses at present."""
        self.fault = ""
        """Why the cluster can start no job, however long the job waits; empty if it can."""
        self.findings: Sequence[Finding] = ()
        """What a probe of the cluster finds."""
        self._behavior_of = behavior_of
        self._free = slots
        self._waiting: deque[SimulatedJob] = deque()
        self._queue: list[tuple[float, int, SimulatedJob]] = []
        self._entries = 0

    def launch(self, job: Job) -> SimulatedJob:
        """Start and return a job; if its name was launched before, return the earlier job."""
        if job.name not in self.runs:
            behavior = self._behavior_of(assignment_of(job), job)
            run = SimulatedJob(
                job, behavior, {"run": len(self.runs)}, deque(_lines(job, behavior))
            )
            if self.fault:
                run.ending = Refused(job.name, self.fault)
                return run
            self.runs[job.name] = run
            self._waiting.append(run)
            self._start()
        return self.runs[job.name]

    def refuse(self, wants: str, reason: str, seconds: float = inf) -> None:
        """Start no job for some seconds; jobs that have not started wait."""
        self.refusal = Refusal(wants, reason, self.now + seconds)

    def break_down(self, reason: str) -> None:
        """Start no job until `repair` is called, and refuse the jobs that wait."""
        self.fault = reason
        for run in self._waiting:
            run.ending = Refused(run.job.name, reason)
            del self.runs[run.job.name]
        self._waiting.clear()

    def repair(self) -> None:
        """Refuse nothing any more, and start the jobs that wait."""
        self.refusal, self.fault = None, ""
        self._start()

    def cancel(self, name: str, failure: Failure) -> None:
        """End a job now; if it has not started, forget it, so that it can be launched again."""
        run = self.runs.get(name)
        self.end(name, failure)
        if run and run.started is None:
            del self.runs[name]

    def end(self, name: str, failure: Failure | None = None) -> None:
        """End a job now; do nothing if it is unknown or has ended."""
        run = self.runs.get(name)
        if run and not run.ending:
            self._finish(run, Ended(name, failure))

    def lose(self, name: str) -> None:
        """Simulate that a job's machine vanishes, so that the job cannot be reattached."""
        self.end(name, Failure(FailureKind.LOST, "its machine vanished"))
        self.runs[name].handle = None

    def remove(self, name: str) -> None:
        """End a job, and forget it and its files."""
        self.end(name, Failure(FailureKind.KILLED, "it was removed"))
        self.runs.pop(name, None)

    def advance(self, until: float) -> bool:
        """Advance to the next event and return True.

        If there is no event before the time `until`, advance to `until` and return False.
        """
        while self._queue and self._queue[0][2].next_time != self._queue[0][0]:
            heappop(self._queue)
        if self.refusal and self.refusal.until <= min(until, self._next_time()):
            self.now = max(self.now, self.refusal.until)
            self.repair()
            return True
        if not self._queue or self._queue[0][0] > until:
            self.now = max(self.now, until)
            return False
        time, _, run = heappop(self._queue)
        self.now = max(self.now, time)
        run.step()
        if isinstance(run.ending, Ended):
            self._finish(run, run.ending)
        self._enter(run)
        return True

    def _next_time(self) -> float:
        return self._queue[0][0] if self._queue else inf

    def _finish(self, run: SimulatedJob, ending: Ended) -> None:
        run.ending = ending
        if run.started is None:
            self._waiting.remove(run)
        else:
            self._free += 1
        self._start()

    def _start(self) -> None:
        while self._waiting and self._free > 0 and not self.refusal:
            run = self._waiting.popleft()
            run.started = self.now
            self._free -= 1
            self._enter(run)

    def _enter(self, run: SimulatedJob) -> None:
        if run.next_time < inf:
            self._entries += 1
            heappush(self._queue, (run.next_time, self._entries, run))


def assignment_of(job: Job) -> dict[str, Any]:
    """Read the assignment from a job's environment; return an empty dict if it has none."""
    trial = json.loads(job.environment.get("SWEEPWRIGHT_TRIAL", "{}"))
    return dict(trial.get("assignment", {}))


def _lines(job: Job, behavior: Behavior) -> Iterator[tuple[float, str]]:
    """Yield the lines that a job writes, each with its time, in order."""
    for line in behavior.lines:
        yield 0.0, line
    role = next((role.name for role in job.roles if role.reports), "main")
    metrics = [*behavior.reports, *([] if behavior.result is None else [behavior.result])]
    goes_on = behavior.continued and job.inherits is not None
    for sequence, metric in enumerate(metrics):
        final = sequence == len(behavior.reports)
        time = (
            behavior.seconds
            if final
            else behavior.seconds * (sequence + 1) / (len(behavior.reports) + 1)
        )
        held = metric if isinstance(metric, Mapping) else {"default": metric}
        said = TrialLine(job.attempt, role, 0, sequence, final, held, continued=goes_on)
        yield time, write_line(said)
