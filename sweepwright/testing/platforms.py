"""The contract of platforms as tests, for those that start processes and those that do not."""

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

from .platform_harness import Stage


class PlatformSuite:
    """Puts a platform through the contract; subclass it as ``class TestMine(PlatformSuite)``."""

    provider: PlatformProvider[Any]
    """The platform, as the plugin's hook offers it."""
    outlives = False
    """Whether its jobs go on when the driver dies, for another driver to take up."""
    patience = 30.0
    """Seconds after which a test gives up waiting for something to be seen."""

    def options(self) -> Any:
        """Return the options; the defaults, unless overridden."""
        return self.provider.options()

    def build(self, folder: Path) -> Platform:
        """Build a platform that keeps its files in a folder."""
        return self.provider.build(self.options(), Workspace("suite", folder, concurrency=4))

    def stage(self, folder: Path) -> Stage:
        """Build a platform, and what it takes to see it perform."""
        return Stage(self.build(folder), folder, self.patience)

    def test_render_is_pure(self, tmp_path: Path) -> None:
        """A dry run prints exactly what is sent, as JSON, and nothing happens."""
        with self.stage(tmp_path) as stage:
            job = stage.job("talk")
            before, first = repr(job), stage.platform.render(job)
            stage.watch_to_end(stage.launch("talk"))

            assert stage.platform.render(job) == first, "rendered twice, two submissions"
            assert json.loads(dumps(first)) == first, "no plain JSON"
            assert repr(job) == before, "changed the job"
            assert not stage.of(job), "rendering launched it"

    def test_output_arrives_in_order(self, tmp_path: Path) -> None:
        """Every line that a job reports arrives, as it was, in order."""
        with self.stage(tmp_path) as stage:
            job = stage.launch("talk")
            stage.watch_to_end(job)

            assert [line.sequence for line in stage.lines(job)] == list(range(6))
            assert [line.metrics["default"] for line in stage.lines(job)] == list(range(6))
            assert stage.failure(job) is None

    def test_launched_then_output_then_ended(self, tmp_path: Path) -> None:
        """Each job is launched once, then heard, then ends once, and is silent ever after."""
        with self.stage(tmp_path) as stage:
            jobs = [stage.launch(script) for script in ("talk", "boom", "talk")]
            stage.watch_to_end(*jobs)

            for job in jobs:
                kinds = [type(s) for s in stage.of(job) if not isinstance(s, Waiting)]
                assert kinds == [Launched, *[Output] * (len(kinds) - 2), Ended]

    def test_an_exception_is_explained(self, tmp_path: Path) -> None:
        """A job that raises fails as `ERROR`, in one line that says what it raised."""
        with self.stage(tmp_path) as stage:
            job = stage.launch("boom")
            stage.watch_to_end(job)
            failure = stage.failure(job)

            assert failure is not None, "its failure was swallowed"
            assert failure.kind is FailureKind.ERROR
            assert "boom" in failure.message
            assert len(failure.message.splitlines()) == 1

    def test_a_failed_job_is_heard_out(self, tmp_path: Path) -> None:
        """What a job reported before it failed arrives."""
        with self.stage(tmp_path) as stage:
            job = stage.launch("boom")
            stage.watch_to_end(job)

            assert len(stage.lines(job)) == 1

    def test_an_exit_code_is_told(self, tmp_path: Path) -> None:
        """A job that exits with 3 fails as `EXIT`, and says so."""
        with self.stage(tmp_path) as stage:
            job = stage.launch("leave")
            stage.watch_to_end(job)
            failure = stage.failure(job)

            assert failure is not None, "its failure was swallowed"
            assert failure.kind is FailureKind.EXIT
            assert "3" in failure.message

    def test_roles_end_together(self, tmp_path: Path) -> None:
        """When one role dies the job is over, and fails with that role's reason."""
        with self.stage(tmp_path) as stage:
            main = Role("main", stage.entry("hang"))
            helper = Role("helper", stage.entry("boom"), reports=False)
            job = stage.launch("hang", roles=(main, helper))
            stage.watch_to_end(job)
            failure = stage.failure(job)

            assert failure is not None, "one role's failure was swallowed"
            assert "boom" in failure.message

    def test_cancel_ends_a_job(self, tmp_path: Path) -> None:
        """A cancelled job ends, once."""
        with self.stage(tmp_path) as stage:
            job = stage.launch("hang")
            stage.watch_to_start(job)
            stage.platform.cancel(job.name)
            stage.platform.cancel(job.name)
            stage.watch_to_end(job)

            assert len(stage.endings(job)) == 1

    def test_cancel_ignores_the_unknown(self, tmp_path: Path) -> None:
        """Cancelling a job that never was, or that is over, does nothing."""
        with self.stage(tmp_path) as stage:
            stage.platform.cancel("nobody")
            job = stage.launch("talk")
            stage.watch_to_end(job)
            seen = len(stage.seen)
            stage.platform.cancel(job.name)
            stage.seen += stage.platform.poll(0.2)

            assert len(stage.seen) == seen

    def test_a_name_is_launched_once(self, tmp_path: Path) -> None:
        """A second launch of one name starts nothing, before its end or after."""
        with self.stage(tmp_path) as stage:
            job = stage.start(stage.launch("talk"))
            stage.watch_to_end(job)
            stage.start(job)
            stage.watch_to_end(job)

            assert len(stage.launches(job)) == 1
            assert len(stage.endings(job)) == 1
            assert len(stage.lines(job)) == 6

    def test_time_limit(self, tmp_path: Path) -> None:
        """A job is ended at its time limit, and fails as `TIMEOUT`; a shorter one is not."""
        with self.stage(tmp_path) as stage:
            quick = stage.launch("talk", time_limit=self.patience)
            slow = stage.launch("hang", time_limit=1.0)
            stage.watch_to_end(quick, slow)
            failure = stage.failure(slow)

            assert failure is not None, "it ended well"
            assert failure.kind is FailureKind.TIMEOUT
            assert stage.failure(quick) is None

    def test_poll_returns_in_time(self, tmp_path: Path) -> None:
        """With nothing to see, a poll takes the seconds it was given, and not many more."""
        with self.stage(tmp_path) as stage:
            begun = time.monotonic()

            assert not stage.platform.poll(0.0)
            assert not stage.platform.poll(0.2)
            assert time.monotonic() - begun < 5.0

    def test_reattach_knows_no_strangers(self, tmp_path: Path) -> None:
        """A job that was never launched is gone."""
        with self.stage(tmp_path) as stage:
            job = stage.job("talk")

            assert stage.platform.reattach(job, {"made": "up"}, None) is False

    def test_reattach_is_honest(self, tmp_path: Path) -> None:
        """A second driver hears the rest of a job, no line twice; or is told that it is gone."""
        with self.stage(tmp_path) as first:
            job = first.launch("talk" if self.outlives else "hang")
            first.watch_to_start(job)
        handle, cursor = first.launches(job)[0].handle, first.outputs(job)[-1].cursor
        with self.stage(tmp_path) as second:
            assert second.platform.reattach(job, handle, cursor) is self.outlives
            if self.outlives:
                second.watch_to_end(job)
                heard = [line.sequence for line in first.lines(job) + second.lines(job)]

                assert heard == list(range(6))

    def test_close_may_be_called_twice(self, tmp_path: Path) -> None:
        """Closing again does nothing, and closing leaves no job in the way of the next driver."""
        with self.stage(tmp_path) as stage:
            stage.watch_to_start(stage.launch("hang"))
            stage.platform.close()
        with self.stage(tmp_path) as stage:
            job = stage.launch("talk", trial=1)
            stage.watch_to_end(job)

            assert stage.failure(job) is None
