"""A platform with a virtual clock: a simulated job of hours takes no time and needs no process.

A function decides the behavior of a job from the job's assignment::

    def behave(assignment, job):
        return Behavior(seconds=3600, reports=[0.1, 0.5], result=assignment["x"] ** 2)

    cluster = Cluster(behave)
    platform = Simulated(cluster)

A `Cluster` outlives the platforms attached to it, as a real cluster outlives a driver. A second
platform can take over its jobs by `reattach`. The simulation uses no threads and never sleeps;
`poll` advances the clock to the next event. `Cluster.refuse` and `Cluster.break_down` simulate a
machine that refuses resources, for a while or for good. `Cluster.findings` is what a probe finds.
The cluster keeps the files of its jobs until `cleanup` removes them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import TypeAlias

from sweepwright.contracts import (
    AttemptFile,
    AttemptRef,
    Ended,
    Finding,
    Job,
    JobEvent,
    Launched,
    Output,
    PlatformProvider,
    ProbeRequest,
    Refused,
    Waiting,
    Workspace,
)
from sweepwright.events import Failure, FailureKind, Json

from .fake_cluster import Behavior, BehaviorOf, Cluster, Refusal, SimulatedJob

_NO_SLOT = Refusal("1 slot", "", inf)

Distortion: TypeAlias = Callable[[Sequence[JobEvent]], Sequence[JobEvent]]
"""Function that changes the events of one `poll`, to test a driver on an imperfect platform."""


@dataclass(frozen=True, slots=True)
class SimulatedOptions:
    """Options of ``platform=simulated``."""

    outlives: bool = True
    """Whether jobs continue after the platform is closed."""
    tick: float = 0.0
    """Seconds between two readings of the logs; with 0, each `poll` returns a single event."""


class Simulated:
    """A platform on a `Cluster`, attached to one driver."""

    def __init__(
        self,
        cluster: Cluster,
        options: SimulatedOptions = SimulatedOptions(),
        distort: Distortion = list,
    ) -> None:
        self._cluster = cluster
        self._options = options
        self._distort = distort
        self._watched: dict[str, _WatchedJob] = {}
        self._launched: set[str] = set()

    def render(self, job: Job) -> Json:
        """Describe the submission: the job's name, and the names of its roles."""
        return {"job": job.name, "roles": [role.name for role in job.roles]}

    def launch(self, job: Job, submission: Json) -> None:  # noqa: ARG002 - the protocol's
        """Start the job on the cluster, unless the cluster has run a job of this name before."""
        if job.name not in self._launched:
            self._launched.add(job.name)
            self._watched[job.name] = _WatchedJob(self._cluster.launch(job))

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Advance the clock to the next events, by at most `seconds`, and return them."""
        until = self._cluster.now + seconds
        seen = self._new_events()
        while not seen and self._cluster.advance(until):
            seen = self._new_events()
        if seen and self._options.tick:
            until = self._cluster.now + self._options.tick
            while self._cluster.advance(until):
                seen += self._new_events()
        return self._distort(seen)

    def cancel(self, job: str) -> None:
        """End a job; unknown names are ignored."""
        self._cluster.cancel(job, Failure(FailureKind.KILLED, "it was cancelled"))

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        """Take over a job that another platform of the cluster launched."""
        run = self._cluster.runs.get(job.name)
        if run is None or run.handle != handle or not self._options.outlives:
            return False
        self._launched.add(job.name)
        self._watched[job.name] = _WatchedJob(run, cursor or 0, launched=True)
        return True

    def close(self) -> None:
        """Forget all jobs, and end them unless the option `outlives` is true."""
        if not self._options.outlives:
            for job in self._watched:
                self.cancel(job)
        self._watched.clear()

    def _new_events(self) -> list[JobEvent]:
        seen = [
            event for watch in self._watched.values() for event in watch.new_events(self._cluster)
        ]
        for event in seen:
            if isinstance(event, Ended | Refused):
                del self._watched[event.job]
            if isinstance(event, Refused):
                self._launched.discard(event.job)
        return seen


@dataclass(slots=True)
class _WatchedJob:
    """A job, with the position up to which one platform has returned its events."""

    run: SimulatedJob
    cursor: int = 0
    launched: bool = False
    waits_for: Refusal | None = None

    def new_events(self, cluster: Cluster) -> Iterator[JobEvent]:
        """Yield the events that this platform has not returned before."""
        name = self.run.job.name
        if self.run.started is None and not self.run.ending:
            lacking = cluster.refusal or _NO_SLOT
            if self.waits_for != lacking:
                yield Waiting(name, lacking.wants, lacking.reason)
            self.waits_for = lacking
            return
        if isinstance(self.run.ending, Refused):
            yield self.run.ending
            return
        if not self.launched and self.run.started is not None:
            yield Launched(name, self.run.handle)
        self.launched = True
        for line in self.run.written[self.cursor :]:
            self.cursor += 1
            yield Output(name, line, self.cursor)
        if self.run.ending:
            yield self.run.ending


class SimulatedFiles:
    """The files of jobs on a cluster; see `AttemptFiles`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def list(self, attempt: AttemptRef) -> Sequence[AttemptFile]:
        """List the files of an attempt's job."""
        return [AttemptFile(path, len(file)) for path, file in self._files(attempt).items()]

    def read(self, attempt: AttemptRef, path: str, offset: int, limit: int) -> bytes:
        """Return a part of a file."""
        files = self._files(attempt)
        if path not in files:
            raise FileNotFoundError(path)
        return files[path][offset : offset + limit]

    def close(self) -> None:
        """Do nothing."""

    def _files(self, attempt: AttemptRef) -> dict[str, bytes]:
        run = self._cluster.runs.get(attempt.job)
        if run is None or run.started is None:
            raise FileNotFoundError(attempt.job)
        return run.files()


def clean_cluster(cluster: Cluster, sweep: str) -> Iterable[str]:
    """End and remove all jobs of a sweep, and yield a line for each."""
    for name in list(cluster.runs):
        if name.rsplit("-", 2)[0] == sweep:
            cluster.remove(name)
            yield f"removed {name}"


def simulated_provider(
    cluster: Cluster, distort: Distortion = list
) -> PlatformProvider[SimulatedOptions]:
    """Return the provider of ``platform=simulated``, whose jobs run on the given cluster."""

    def build(options: SimulatedOptions, _workspace: Workspace) -> Simulated:
        return Simulated(cluster, options, distort)

    def probe(_options: SimulatedOptions, _request: ProbeRequest) -> Iterable[Finding]:
        return cluster.findings

    def open_files(_options: SimulatedOptions, _workspace: Workspace) -> SimulatedFiles:
        return SimulatedFiles(cluster)

    def cleanup(_options: SimulatedOptions, workspace: Workspace) -> Iterable[str]:
        return clean_cluster(cluster, workspace.sweep)

    return PlatformProvider(
        "simulated",
        SimulatedOptions,
        build,
        summary="jobs on a virtual clock",
        probe=probe,
        outlives=lambda options: options.outlives,
        open_files=open_files,
        cleanup=cleanup,
    )


def duplicated(events: Sequence[JobEvent]) -> list[JobEvent]:
    """Repeat every `Output` event, like a platform that reads a log twice."""
    return [
        again for event in events for again in [event] * (2 if isinstance(event, Output) else 1)
    ]


def reordered(events: Sequence[JobEvent]) -> list[JobEvent]:
    """Reverse the order of `Output` events that arrive together."""
    runs = groupby(events, key=lambda event: isinstance(event, Output))
    return [
        event
        for is_output, group in runs
        for event in (reversed(list(group)) if is_output else group)
    ]


__all__ = [
    "Behavior",
    "BehaviorOf",
    "Cluster",
    "Distortion",
    "Simulated",
    "SimulatedFiles",
    "SimulatedOptions",
    "clean_cluster",
    "duplicated",
    "reordered",
    "simulated_provider",
]
