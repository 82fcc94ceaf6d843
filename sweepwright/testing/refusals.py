"""Contract suite for platforms on a machine that refuses what jobs need, such as space on a disk.

A test makes the machine refuse, because a suite cannot know how::

    class TestMine(RefusalSuite):
        provider = sweep_platforms()[0]

        @contextmanager
        def refuse(self, folder, *, for_good):
            fill_the_disk(folder)
            yield
            free_the_disk(folder)
"""

from contextlib import AbstractContextManager
from pathlib import Path

from sweepwright.events import FailureKind

from .platforms import PlatformSuite


class RefusalSuite(PlatformSuite):
    """Contract suite for a platform on a machine that refuses what jobs need."""

    def refuse(self, folder: Path, *, for_good: bool) -> AbstractContextManager[None]:
        """Return a context in which no job can start, although nothing is wrong with the jobs.

        Parameters
        ----------
        folder : Path
            The folder in which the platform keeps its files.
        for_good : bool
            Whether the refusal is of a kind that does not pass by itself, such as a read-only
            disk. The machine is repaired at the end of the context in either case.
        """
        raise NotImplementedError

    def test_a_job_waits_while_the_machine_refuses(self, tmp_path: Path) -> None:
        """The job says what it waits for, and then starts once and succeeds."""
        with self.harness(tmp_path) as harness:
            job = harness.job("talk")
            with self.refuse(tmp_path, for_good=False):
                harness.start(job)
                harness.watch(lambda: bool(harness.of(job)))
                [waiting] = harness.waits(job)
            harness.watch_to_end(job)

            assert waiting.wants, "does not say what it waits for"
            assert waiting.refusal, "does not say why the machine refuses"
            assert harness.failure(job) is None
            assert len(harness.launches(job)) == 1
            assert len(harness.lines(job)) == 6

    def test_running_jobs_survive_a_refusal(self, tmp_path: Path) -> None:
        """A job that runs is not affected when the next job has to wait."""
        with self.harness(tmp_path) as harness:
            running, job = harness.launch("hang"), harness.job("talk")
            harness.watch_to_start(running)
            with self.refuse(tmp_path, for_good=False):
                harness.start(job)
                harness.watch(lambda: bool(harness.of(job)))
            harness.watch_to_end(job)

            assert not harness.endings(running), "ended a job that ran"
            harness.platform.cancel(running.name)
            harness.watch_to_end(running)

    def test_a_job_that_waits_can_be_cancelled(self, tmp_path: Path) -> None:
        """It ends without having started, and a later driver can launch its name."""
        with self.harness(tmp_path) as harness:
            job = harness.job("talk")
            with self.refuse(tmp_path, for_good=False):
                harness.start(job)
                harness.watch(lambda: bool(harness.waits(job)))
                harness.platform.cancel(job.name)
                harness.watch_to_end(job)
            failure = harness.failure(job)

            assert not harness.launches(job)
            assert failure is not None, "a job that never started has succeeded"
            assert failure.kind is FailureKind.KILLED
        with self.harness(tmp_path) as harness:
            harness.watch_to_end(harness.start(job))

            assert harness.failure(job) is None

    def test_a_refusal_for_good_is_no_failure(self, tmp_path: Path) -> None:
        """It ends the job as `Refused`, and the job can be launched again after a repair."""
        with self.harness(tmp_path) as harness:
            job = harness.job("talk")
            with self.refuse(tmp_path, for_good=True):
                harness.start(job)
                harness.watch(lambda: bool(harness.of(job)))
            harness.watch(lambda: bool(harness.refusals(job)))

            assert len(harness.of(job)) == 1, "reports more than the refusal"
            assert len(harness.refusals(job)[0].reason.splitlines()) == 1
            harness.watch_to_end(harness.start(job))
            assert harness.failure(job) is None
