"""Simulated platforms that break one clause of the contract each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from sweepwright.contracts import Ended, Job, JobEvent, Launched, Output, Refused, Waiting
from sweepwright.events import Failure, FailureKind, Json
from sweepwright.testing.simulated import Simulated

NUMBERS = count()


class Altered(Simulated):
    """Sees something else than what is there."""

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        return [other for event in super().poll(seconds) for other in self.alter(event)]

    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        yield event


class RendersAnew(Simulated):
    def render(self, job: Job) -> Json:
        return {**super().render(job), "number": next(NUMBERS)}


class LaunchesToRender(Simulated):
    def render(self, job: Job) -> Json:
        self.launch(job, None)
        return super().render(job)


class LosesOutput(Altered):
    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        if not isinstance(event, Output) or event.cursor != 3:
            yield event


class EndsTwice(Altered):
    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        yield event
        if isinstance(event, Ended):
            yield event


class SpeaksAfterItsEnd(Altered):
    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        yield event
        if isinstance(event, Ended):
            yield Output(event.job, "one more thing")


class NeverLaunches(Altered):
    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        if not isinstance(event, Launched):
            yield event


class SwallowsFailures(Altered):
    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        yield Ended(event.job) if isinstance(event, Ended) else event


class CallsEverythingAnError(Altered):
    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        if isinstance(event, Ended) and event.failure:
            failure = Failure(FailureKind.ERROR, event.failure.message)
            event = Ended(event.job, failure)
        yield event


class CutsFailuresShort(Altered):
    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        if not isinstance(event, Output) or event.cursor != 1:
            yield event


class LooksAtTheFirstRole(Simulated):
    def launch(self, job: Job, submission: Json) -> None:
        super().launch(replace(job, roles=job.roles[:1], time_limit=2.0), submission)


class CannotCancel(Simulated):
    def cancel(self, job: str) -> None:
        """Do nothing."""


class CancelsOnlyTheKnown(Simulated):
    def cancel(self, job: str) -> None:
        self._cluster.end(self._watched[job].run.job.name, Failure(FailureKind.KILLED, "so be it"))


class LaunchesAgain(Simulated):
    def launch(self, job: Job, submission: Json) -> None:
        self._cluster.runs.pop(job.name, None)
        self._launched.discard(job.name)
        super().launch(job, submission)


class IgnoresTimeLimits(Simulated):
    def launch(self, job: Job, submission: Json) -> None:
        super().launch(replace(job, time_limit=None), submission)


class SeesGhosts(Simulated):
    def poll(self, seconds: float) -> Sequence[JobEvent]:
        return super().poll(seconds) or [Waiting("ghost", "a body")]


class KnowsEverybody(Simulated):
    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        super().reattach(job, handle, cursor)
        return True


class StartsOver(Simulated):
    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:  # noqa: ARG002
        return super().reattach(job, handle, 0)


class ClosesOnce(Simulated):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise RuntimeError("already closed")
        self.closed = True
        super().close()


class FailsWhatIsRefused(Altered):
    """Charges the job for what the machine refuses."""

    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        if isinstance(event, Waiting):
            event = Ended(event.job, Failure(FailureKind.LAUNCH, event.refusal))
        yield event


class EndsEverythingWhenRefused(Simulated):
    def poll(self, seconds: float) -> Sequence[JobEvent]:
        if self._cluster.refusal:
            for job in self._watched:
                self._cluster.end(job, Failure(FailureKind.LOST, "the server died"))
        return super().poll(seconds)


class RemembersTheCancelled(Simulated):
    def cancel(self, job: str) -> None:
        self._cluster.end(job, Failure(FailureKind.KILLED, "it was cancelled"))


class FailsWhatIsRefusedForGood(Altered):
    def alter(self, event: JobEvent) -> Iterator[JobEvent]:
        if isinstance(event, Refused):
            event = Ended(event.job, Failure(FailureKind.LAUNCH, event.reason))
        yield event


REFUSALS_CAUGHT_BY: Mapping[type[Simulated], str] = {
    FailsWhatIsRefused: "test_a_job_waits_while_the_machine_refuses",
    EndsEverythingWhenRefused: "test_running_jobs_survive_a_refusal",
    RemembersTheCancelled: "test_a_job_that_waits_can_be_cancelled",
    FailsWhatIsRefusedForGood: "test_a_refusal_for_good_is_no_failure",
}
"""Each platform that breaks a clause about refusals with the check that is meant for it."""

CAUGHT_BY: Mapping[type[Simulated], str] = {
    RendersAnew: "test_render_is_pure",
    LaunchesToRender: "test_render_is_pure",
    LosesOutput: "test_output_arrives_in_order",
    EndsTwice: "test_launched_then_output_then_ended",
    SpeaksAfterItsEnd: "test_launched_then_output_then_ended",
    NeverLaunches: "test_launched_then_output_then_ended",
    SwallowsFailures: "test_an_exception_is_explained",
    CallsEverythingAnError: "test_an_exit_code_is_reported",
    CutsFailuresShort: "test_reports_before_a_failure_arrive",
    LooksAtTheFirstRole: "test_roles_end_together",
    CannotCancel: "test_cancel_ends_a_job",
    CancelsOnlyTheKnown: "test_cancel_ignores_unknown_jobs",
    LaunchesAgain: "test_a_name_is_launched_once",
    IgnoresTimeLimits: "test_time_limit",
    SeesGhosts: "test_poll_returns_in_time",
    KnowsEverybody: "test_reattach_refuses_unknown_jobs",
    StartsOver: "test_reattach_continues_or_refuses",
    ClosesOnce: "test_close_may_be_called_twice",
}
"""Each broken platform with the check that is meant for it."""
