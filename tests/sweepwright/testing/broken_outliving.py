"""Simulated platforms that break one clause about files, drivers that die, or cleanups each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from sweepwright.contracts import (
    AttemptFile,
    AttemptFiles,
    AttemptRef,
    Ended,
    Finding,
    Job,
    PlatformProvider,
    ProbeRequest,
    Workspace,
)
from sweepwright.events import Failure, FailureKind, Json
from sweepwright.testing.simulated import (
    Cluster,
    Simulated,
    SimulatedFiles,
    SimulatedOptions,
    simulated_provider,
)

Offer: TypeAlias = Callable[[Cluster], PlatformProvider[SimulatedOptions]]
"""Returns the provider of a platform on a cluster."""


class HidesRunningOutput(SimulatedFiles):
    def list(self, attempt: AttemptRef) -> Sequence[AttemptFile]:
        run = self._cluster.runs.get(attempt.job)
        return super().list(attempt) if run and run.ending else []


class LosesOutputAtTheEnd(SimulatedFiles):
    def read(self, attempt: AttemptRef, path: str, offset: int, limit: int) -> bytes:
        run = self._cluster.runs[attempt.job]
        return b"" if run.ending else super().read(attempt, path, offset, limit)


class IgnoresTheOffset(SimulatedFiles):
    def read(self, attempt: AttemptRef, path: str, offset: int, limit: int) -> bytes:  # noqa: ARG002
        return super().read(attempt, path, 0, limit)


class FindsEverything(SimulatedFiles):
    def read(self, attempt: AttemptRef, path: str, offset: int, limit: int) -> bytes:
        return self._files(attempt).get(path, b"")[offset : offset + limit]


class ClosesFilesOnce(SimulatedFiles):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise RuntimeError("already closed")
        self.closed = True


class ReadsFromTheEnd(Simulated):
    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        run = self._cluster.runs.get(job.name)
        return super().reattach(job, handle, len(run.written) if run else cursor)


class ForgetsTheEnded(Simulated):
    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        run = self._cluster.runs.get(job.name)
        ended = run is not None and run.ending is not None
        return not ended and super().reattach(job, handle, cursor)


class StartsKnownNamesAgain(Simulated):
    def launch(self, job: Job, submission: Json) -> None:
        if job.name not in self._launched and job.name in self._cluster.runs:
            self._cluster.runs["earlier"] = self._cluster.runs.pop(job.name)
        super().launch(job, submission)


class TakesOverEverything(Simulated):
    def __init__(self, cluster: Cluster, options: SimulatedOptions) -> None:
        super().__init__(cluster, options)
        for run in cluster.runs.values():
            self.reattach(run.job, run.handle, 0)


class CancelsOnlyItsOwn(Simulated):
    def cancel(self, job: str) -> None:
        if job in self._watched:
            super().cancel(job)


def with_files(kind: type[SimulatedFiles]) -> Offer:
    """Offer a platform whose files are broken."""

    def open_files(cluster: Cluster) -> Callable[[Any, Workspace], AttemptFiles]:
        return lambda _options, _workspace: kind(cluster)

    return lambda cluster: replace(simulated_provider(cluster), open_files=open_files(cluster))


def with_jobs(kind: Callable[[Cluster, SimulatedOptions], Simulated]) -> Offer:
    """Offer a platform that is broken where it runs jobs."""

    def build(cluster: Cluster) -> Callable[[SimulatedOptions, Workspace], Simulated]:
        return lambda options, _workspace: kind(cluster, options)

    return lambda cluster: replace(simulated_provider(cluster), build=build(cluster))


def hides_that_jobs_go_on(cluster: Cluster) -> PlatformProvider[SimulatedOptions]:
    return replace(simulated_provider(cluster), outlives=None)


def probes_by_ending_jobs(cluster: Cluster) -> PlatformProvider[SimulatedOptions]:
    def probe(_options: SimulatedOptions, _request: ProbeRequest) -> Iterable[Finding]:
        for name in cluster.runs:
            cluster.end(name, Failure(FailureKind.KILLED, "a look at the machine"))
        return []

    return replace(simulated_provider(cluster), probe=probe)


def finds_machines_unfit(cluster: Cluster) -> PlatformProvider[SimulatedOptions]:
    def probe(_options: SimulatedOptions, _request: ProbeRequest) -> Iterable[Finding]:
        busy = any(not isinstance(run.ending, Ended) for run in cluster.runs.values())
        return [Finding((), "a job runs there")] if busy else []

    return replace(simulated_provider(cluster), probe=probe)


def keeps_files(cluster: Cluster) -> PlatformProvider[SimulatedOptions]:
    def cleanup(_options: SimulatedOptions, workspace: Workspace) -> Iterable[str]:
        for name, run in cluster.runs.items():
            if name.startswith(workspace.sweep) and not run.ending:
                cluster.end(name, Failure(FailureKind.KILLED, "it was removed"))
                run.handle = None
                yield f"removed {name}"

    return replace(simulated_provider(cluster), cleanup=cleanup)


def cleans_up_everything(cluster: Cluster) -> PlatformProvider[SimulatedOptions]:
    def cleanup(_options: SimulatedOptions, _workspace: Workspace) -> Iterable[str]:
        for name in list(cluster.runs):
            cluster.remove(name)
            yield f"removed {name}"

    return replace(simulated_provider(cluster), cleanup=cleanup)


CAUGHT_BY: Mapping[str, tuple[Offer, str]] = {
    "hides running output": (
        with_files(HidesRunningOutput),
        "test_output_of_a_running_job_can_be_read",
    ),
    "loses output at the end": (
        with_files(LosesOutputAtTheEnd),
        "test_output_of_an_ended_job_can_be_read",
    ),
    "ignores the offset": (with_files(IgnoresTheOffset), "test_a_checkpoint_can_be_read"),
    "finds everything": (with_files(FindsEverything), "test_what_is_not_there_is_not_found"),
    "closes files once": (with_files(ClosesFilesOnce), "test_files_are_closed_twice"),
    "hides that jobs go on": (
        hides_that_jobs_go_on,
        "test_the_provider_says_that_jobs_outlive_the_driver",
    ),
    "reads from the end": (with_jobs(ReadsFromTheEnd), "test_a_log_is_read_from_any_cursor"),
    "forgets the ended": (with_jobs(ForgetsTheEnded), "test_an_end_between_two_drivers_arrives"),
    "starts known names again": (
        with_jobs(StartsKnownNamesAgain),
        "test_a_known_name_is_launched_once_by_two_drivers",
    ),
    "takes over everything": (
        with_jobs(TakesOverEverything),
        "test_two_platforms_run_after_each_other",
    ),
    "cancels only its own": (
        with_jobs(CancelsOnlyItsOwn),
        "test_a_job_of_an_earlier_driver_can_be_cancelled",
    ),
    "probes by ending jobs": (probes_by_ending_jobs, "test_a_probe_has_no_effect"),
    "finds machines unfit": (finds_machines_unfit, "test_a_probe_has_no_effect"),
    "keeps files": (keeps_files, "test_cleanup_leaves_nothing"),
    "cleans up everything": (cleans_up_everything, "test_cleanup_spares_other_sweeps"),
}
"""Each broken platform with the check that is meant for it."""
