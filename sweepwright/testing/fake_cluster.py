"""The world that simulated platforms are attached to: jobs on a virtual clock."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import Any, TypeAlias

from sweepwright.contracts import Ended, Job
from sweepwright.events import Failure, FailureKind, Json
from sweepwright.protocol import TrialLine, write_line

Metric: TypeAlias = float | Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Act:
    """What a job does once it runs."""

    seconds: float = 1.0
    """How long it lasts; infinity for a job that ends only when it is ended."""
    reports: Sequence[Metric] = ()
    """Intermediate results, evenly spread over that time."""
    result: Metric | None = None
    """The final result, reported at the end."""
    failure: Failure | None = None
    """How it fails at the end, if it does."""
    lines: Sequence[str] = ()
    """Anything else it writes to its reports, before all of these."""
    continued: bool = False
    """Whether it goes on from a checkpoint, where its job inherits one."""


Acting: TypeAlias = Callable[[Mapping[str, Any], Job], Act]
"""Says what a job does, given its assignment (empty when it has none) and itself."""


@dataclass(slots=True)
class Run:
    """One job in the world: what it wrote so far, and how it ended."""

    job: Job
    act: Act
    handle: Json
    script: deque[tuple[float, str]]
    """Lines it is yet to write, with the seconds after its start."""
    started: float | None = None
    written: list[str] = field(default_factory=list)
    ending: Ended | None = None

    @property
    def next_time(self) -> float:
        """When something happens to it next; infinity when nothing will."""
        if self.started is None or self.ending:
            return inf
        line = self.script[0][0] if self.script else inf
        return self.started + min(line, self._span)

    def step(self) -> None:
        """Let the next thing happen."""
        if self.script and self.script[0][0] <= self._span:
            self.written.append(self.script.popleft()[1])
        else:
            self.ending = Ended(self.job.name, self._failure())

    @property
    def _span(self) -> float:
        limit = self.job.time_limit
        return self.act.seconds if limit is None else min(self.act.seconds, limit)

    def _failure(self) -> Failure | None:
        if self._span < self.act.seconds:
            return Failure(FailureKind.TIMEOUT, f"ran over its time limit of {self._span:g} s")
        return self.act.failure


class Cluster:
    """Runs simulated jobs on a clock of its own, for any number of platforms."""

    def __init__(self, acting: Acting, slots: float = inf) -> None:
        self.now = 0.0
        """Seconds since the beginning."""
        self.runs: dict[str, Run] = {}
        """Every job that was ever launched, by name."""
        self._acting = acting
        self._free = slots
        self._waiting: deque[Run] = deque()
        self._agenda: list[tuple[float, int, Run]] = []
        self._entries = 0

    def launch(self, job: Job) -> Run:
        """Start a job, or return the one of its name that was started before."""
        if job.name not in self.runs:
            act = self._acting(assignment_of(job), job)
            run = Run(job, act, {"run": len(self.runs)}, deque(_script(job, act)))
            self.runs[job.name] = run
            self._waiting.append(run)
            self._start()
        return self.runs[job.name]

    def end(self, name: str, failure: Failure | None = None) -> None:
        """End a job now; one that is unknown or over is left alone."""
        run = self.runs.get(name)
        if run and not run.ending:
            self._finish(run, Ended(name, failure))

    def lose(self, name: str) -> None:
        """Let a job vanish together with its machine, so that it cannot be reattached."""
        self.end(name, Failure(FailureKind.LOST, "its machine vanished"))
        self.runs[name].handle = None

    def advance(self, until: float) -> bool:
        """Let the next thing happen; return False where time passed and nothing did."""
        while self._agenda and self._agenda[0][2].next_time != self._agenda[0][0]:
            heappop(self._agenda)
        if not self._agenda or self._agenda[0][0] > until:
            self.now = max(self.now, until)
            return False
        time, _, run = heappop(self._agenda)
        self.now = max(self.now, time)
        run.step()
        if run.ending:
            self._finish(run, run.ending)
        self._enter(run)
        return True

    def _finish(self, run: Run, ending: Ended) -> None:
        run.ending = ending
        if run.started is None:
            self._waiting.remove(run)
        else:
            self._free += 1
        self._start()

    def _start(self) -> None:
        while self._waiting and self._free > 0:
            run = self._waiting.popleft()
            run.started = self.now
            self._free -= 1
            self._enter(run)

    def _enter(self, run: Run) -> None:
        if run.next_time < inf:
            self._entries += 1
            heappush(self._agenda, (run.next_time, self._entries, run))


def assignment_of(job: Job) -> dict[str, Any]:
    """Read the assignment that a job's environment carries; empty when it carries none."""
    trial = json.loads(job.environment.get("SWEEPWRIGHT_TRIAL", "{}"))
    return dict(trial.get("assignment", {}))


def _script(job: Job, act: Act) -> Iterator[tuple[float, str]]:
    """Write down the lines of an act with their times, in order."""
    for line in act.lines:
        yield 0.0, line
    role = next((role.name for role in job.roles if role.reports), "main")
    metrics = [*act.reports, *([] if act.result is None else [act.result])]
    goes_on = act.continued and job.inherits is not None
    for sequence, metric in enumerate(metrics):
        final = sequence == len(act.reports)
        time = act.seconds if final else act.seconds * (sequence + 1) / (len(act.reports) + 1)
        held = metric if isinstance(metric, Mapping) else {"default": metric}
        said = TrialLine(job.attempt, role, 0, sequence, final, held, continued=goes_on)
        yield time, write_line(said)
