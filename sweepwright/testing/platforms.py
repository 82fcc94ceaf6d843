"""Contract suite for platforms of any kind, whether they start processes or not."""

import json
import time
from pathlib import Path
from typing import Any

from sweepwright.contracts import (
    Ended,
    Launched,
    Output,
    Platform,
    PlatformProvider,
    Role,
    Waiting,
    Workspace,
)
from sweepwright.events import FailureKind
from sweepwright.protocol import dumps

from .platform_harness import PlatformHarness, sweep_of


class PlatformSuite:
    """Contract suite for a platform; subclass it as ``class TestMine(PlatformSuite)``."""

    provider: PlatformProvider[Any]
    """Provider of the platform, as the plugin's hook returns it."""
    outlives = False
    """Whether jobs continue when the driver dies, so that another driver can reattach."""
    patience = 30.0
    """Seconds after which a test stops waiting for an event."""

    def options(self) -> Any:
        """Return the platform's options; override this to change the defaults."""
        return self.provider.options()

    def build(self, folder: Path) -> Platform:
        """Build a platform that keeps its files in a folder."""
        return self.provider.build(self.options(), self.workspace(folder))

    def workspace(self, folder: Path, *, resumed: bool = False) -> Workspace:
        """Return the workspace of the sweep that keeps its files in a folder."""
        return Workspace(sweep_of(folder), folder, concurrency=4, resumed=resumed)

    def harness(self, folder: Path) -> PlatformHarness:
        """Build a platform with a harness that drives it."""
        return PlatformHarness(self.build(folder), folder, self.patience)

    def test_render_is_pure(self, tmp_path: Path) -> None:
        """Every call of `render` for a job returns the same JSON and has no effect."""
        with self.harness(tmp_path) as harness:
            job = harness.job("talk")
            before, first = repr(job), harness.platform.render(job)
            harness.watch_to_end(harness.launch("talk"))

            assert harness.platform.render(job) == first, "rendering twice gave two submissions"
            assert json.loads(dumps(first)) == first, "not plain JSON"
            assert repr(job) == before, "changed the job"
            assert not harness.of(job), "rendering launched it"

    def test_output_arrives_in_order(self, tmp_path: Path) -> None:
        """Every line that a job reports arrives unchanged and in order."""
        with self.harness(tmp_path) as harness:
            job = harness.launch("talk")
            harness.watch_to_end(job)

            assert [line.sequence for line in harness.lines(job)] == list(range(6))
            assert [line.metrics["default"] for line in harness.lines(job)] == list(range(6))
            assert harness.failure(job) is None

    def test_launched_then_output_then_ended(self, tmp_path: Path) -> None:
        """The events of each job are one `Launched`, then `Output`, then one `Ended`."""
        with self.harness(tmp_path) as harness:
            jobs = [harness.launch(script) for script in ("talk", "boom", "talk")]
            harness.watch_to_end(*jobs)

            for job in jobs:
                kinds = [type(s) for s in harness.of(job) if not isinstance(s, Waiting)]
                assert kinds == [Launched, *[Output] * (len(kinds) - 2), Ended]

    def test_an_exception_is_explained(self, tmp_path: Path) -> None:
        """A job that raises an exception fails as `ERROR`, with the exception on one line."""
        with self.harness(tmp_path) as harness:
            job = harness.launch("boom")
            harness.watch_to_end(job)
            failure = harness.failure(job)

            assert failure is not None, "the job's failure was not reported"
            assert failure.kind is FailureKind.ERROR
            assert "boom" in failure.message
            assert len(failure.message.splitlines()) == 1

    def test_reports_before_a_failure_arrive(self, tmp_path: Path) -> None:
        """If a job reports and then fails, its reports arrive."""
        with self.harness(tmp_path) as harness:
            job = harness.launch("boom")
            harness.watch_to_end(job)

            assert len(harness.lines(job)) == 1

    def test_an_exit_code_is_reported(self, tmp_path: Path) -> None:
        """A job with the exit code 3 fails as `EXIT`, and the message contains the code."""
        with self.harness(tmp_path) as harness:
            job = harness.launch("leave")
            harness.watch_to_end(job)
            failure = harness.failure(job)

            assert failure is not None, "the job's failure was not reported"
            assert failure.kind is FailureKind.EXIT
            assert "3" in failure.message

    def test_roles_end_together(self, tmp_path: Path) -> None:
        """When one role fails, the job ends with that role's failure."""
        with self.harness(tmp_path) as harness:
            main = Role("main", harness.entry("hang"))
            helper = Role("helper", harness.entry("boom"), reports=False)
            job = harness.launch("hang", roles=(main, helper))
            harness.watch_to_end(job)
            failure = harness.failure(job)

            assert failure is not None, "the role's failure was not reported"
            assert "boom" in failure.message

    def test_cancel_ends_a_job(self, tmp_path: Path) -> None:
        """A cancelled job ends as `KILLED`, with exactly one `Ended` event."""
        with self.harness(tmp_path) as harness:
            job = harness.launch("hang")
            harness.watch_to_start(job)
            harness.platform.cancel(job.name)
            harness.platform.cancel(job.name)
            harness.watch_to_end(job)

            failure = harness.failure(job)

            assert len(harness.endings(job)) == 1
            assert failure is not None, "it ended well"
            assert failure.kind is FailureKind.KILLED

    def test_cancel_ignores_unknown_jobs(self, tmp_path: Path) -> None:
        """Cancelling an unknown or ended job does nothing."""
        with self.harness(tmp_path) as harness:
            harness.platform.cancel("nobody")
            job = harness.launch("talk")
            harness.watch_to_end(job)
            seen = len(harness.seen)
            harness.platform.cancel(job.name)
            harness.seen += harness.platform.poll(0.2)

            assert len(harness.seen) == seen

    def test_a_name_is_launched_once(self, tmp_path: Path) -> None:
        """A second launch of the same name starts nothing, even after the job has ended."""
        with self.harness(tmp_path) as harness:
            job = harness.start(harness.launch("talk"))
            harness.watch_to_end(job)
            harness.start(job)
            harness.watch_to_end(job)

            assert len(harness.launches(job)) == 1
            assert len(harness.endings(job)) == 1
            assert len(harness.lines(job)) == 6

    def test_time_limit(self, tmp_path: Path) -> None:
        """A job that exceeds its time limit is ended and fails as `TIMEOUT`; others succeed."""
        with self.harness(tmp_path) as harness:
            quick = harness.launch("talk", time_limit=self.patience)
            slow = harness.launch("hang", time_limit=1.0)
            harness.watch_to_end(quick, slow)
            failure = harness.failure(slow)

            assert failure is not None, "it ended well"
            assert failure.kind is FailureKind.TIMEOUT
            assert harness.failure(quick) is None

    def test_poll_returns_in_time(self, tmp_path: Path) -> None:
        """If there are no events, `poll` returns after about the given number of seconds."""
        with self.harness(tmp_path) as harness:
            begun = time.monotonic()

            assert not harness.platform.poll(0.0)
            assert not harness.platform.poll(0.2)
            assert time.monotonic() - begun < 5.0

    def test_reattach_refuses_unknown_jobs(self, tmp_path: Path) -> None:
        """Reattaching to a job that was never launched returns False."""
        with self.harness(tmp_path) as harness:
            job = harness.job("talk")

            assert harness.platform.reattach(job, {"made": "up"}, None) is False

    def test_reattach_continues_or_refuses(self, tmp_path: Path) -> None:
        """Reattaching returns False, or else gives the remaining lines without a repetition."""
        with self.harness(tmp_path) as first:
            job = first.launch("talk" if self.outlives else "hang")
            first.watch_to_start(job)
        handle, cursor = first.launches(job)[0].handle, first.outputs(job)[-1].cursor
        with self.harness(tmp_path) as second:
            assert second.platform.reattach(job, handle, cursor) is self.outlives
            if self.outlives:
                second.watch_to_end(job)
                heard = [line.sequence for line in first.lines(job) + second.lines(job)]

                assert heard == list(range(6))

    def test_close_may_be_called_twice(self, tmp_path: Path) -> None:
        """A second `close` does nothing, and a new platform can launch jobs after it."""
        with self.harness(tmp_path) as harness:
            harness.watch_to_start(harness.launch("hang"))
            harness.platform.close()
        with self.harness(tmp_path) as harness:
            job = harness.launch("talk", trial=1)
            harness.watch_to_end(job)

            assert harness.failure(job) is None
