"""A platform with a virtual clock: jobs that last hours end at once, and no process starts.

What a job does is said by a function of its assignment::

    def act(assignment, job):
        return Act(seconds=3600, reports=[0.1, 0.5], result=assignment["x"] ** 2)

    cluster = Cluster(act)
    platform = Simulated(cluster)

A `Cluster` outlives the platforms attached to it, as a real one outlives a driver: a second
platform takes its jobs up by `reattach`. There are no threads and nobody sleeps; `poll`
moves the clock to whatever happens next.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from sweepwright.contracts import (
    Ended,
    Job,
    JobEvent,
    Launched,
    Output,
    PlatformProvider,
    Waiting,
    Workspace,
)
from sweepwright.events import Failure, FailureKind, Json

from .fake_cluster import Act, Acting, Cluster, Run

Garble: TypeAlias = Callable[[Sequence[JobEvent]], Sequence[JobEvent]]
"""Spoils what one poll returns."""


@dataclass(frozen=True, slots=True)
class SimulatedOptions:
    """Options of ``platform=simulated``."""

    outlives: bool = True
    """Whether jobs go on when the platform is closed."""
    tick: float = 0.0
    """Seconds between two looks at the logs; 0 sees everything as it happens."""


class Simulated:
    """A platform on a `Cluster`, as one driver has it."""

    def __init__(
        self,
        cluster: Cluster,
        options: SimulatedOptions = SimulatedOptions(),
        garble: Garble = list,
    ) -> None:
        self._cluster = cluster
        self._options = options
        self._garble = garble
        self._watches: dict[str, _Watch] = {}
        self._launched: set[str] = set()

    def render(self, job: Job) -> Json:
        """Describe the submission: the job's name, and the names of its roles."""
        return {"job": job.name, "roles": [role.name for role in job.roles]}

    def launch(self, job: Job, submission: Json) -> None:  # noqa: ARG002 - the protocol's
        """Start the job on the cluster, which knows every name it ever ran."""
        if job.name not in self._launched:
            self._launched.add(job.name)
            self._watches[job.name] = _Watch(self._cluster.launch(job))

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Let virtual time pass until something is seen, at most so many seconds of it."""
        until = self._cluster.now + seconds
        seen = self._look()
        while not seen and self._cluster.advance(until):
            seen = self._look()
        if seen and self._options.tick:
            until = self._cluster.now + self._options.tick
            while self._cluster.advance(until):
                seen += self._look()
        return self._garble(seen)

    def cancel(self, job: str) -> None:
        """End a job; unknown names are ignored."""
        self._cluster.end(job, Failure(FailureKind.KILLED, "it was cancelled"))

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        """Take up a job that another platform of the cluster launched."""
        run = self._cluster.runs.get(job.name)
        if run is None or run.handle != handle or not self._options.outlives:
            return False
        self._launched.add(job.name)
        self._watches[job.name] = _Watch(run, cursor or 0, launched=True)
        return True

    def close(self) -> None:
        """Look no more; end the jobs, unless they outlive the driver."""
        if not self._options.outlives:
            for job in self._watches:
                self.cancel(job)
        self._watches.clear()

    def _look(self) -> list[JobEvent]:
        seen = [event for watch in self._watches.values() for event in watch.look()]
        for event in seen:
            if isinstance(event, Ended):
                del self._watches[event.job]
        return seen


@dataclass(slots=True)
class _Watch:
    """How far a platform has seen a job."""

    run: Run
    cursor: int = 0
    launched: bool = False
    waits: bool = False

    def look(self) -> Iterator[JobEvent]:
        """Yield what was not seen before."""
        name = self.run.job.name
        if self.run.started is None and not self.run.ending:
            if not self.waits:
                yield Waiting(name, "1 slot")
            self.waits = True
            return
        if not self.launched:
            yield Launched(name, self.run.handle)
        self.launched = True
        for line in self.run.written[self.cursor :]:
            self.cursor += 1
            yield Output(name, line, self.cursor)
        if self.run.ending:
            yield self.run.ending


def simulated_provider(
    cluster: Cluster, garble: Garble = list
) -> PlatformProvider[SimulatedOptions]:
    """Offer ``platform=simulated`` on a cluster, for a registry or a contract suite."""

    def build(options: SimulatedOptions, _workspace: Workspace) -> Simulated:
        return Simulated(cluster, options, garble)

    return PlatformProvider(
        "simulated", SimulatedOptions, build, summary="jobs on a virtual clock"
    )


def duplicated(events: Sequence[JobEvent]) -> list[JobEvent]:
    """Repeat every line of output, as a log that is read twice does."""
    return [
        again for event in events for again in [event] * (2 if isinstance(event, Output) else 1)
    ]


def reordered(events: Sequence[JobEvent]) -> list[JobEvent]:
    """Turn lines of output round where several arrive together."""
    runs = groupby(events, key=lambda event: isinstance(event, Output))
    return [
        event
        for is_output, group in runs
        for event in (reversed(list(group)) if is_output else group)
    ]


__all__ = [
    "Act",
    "Acting",
    "Cluster",
    "Garble",
    "Simulated",
    "SimulatedOptions",
    "duplicated",
    "reordered",
    "simulated_provider",
]
