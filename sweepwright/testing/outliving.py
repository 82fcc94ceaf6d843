"""Contract suite for platforms whose jobs outlive the driver, on this machine or on others.

A driver dies, another one resumes the sweep, and no job is lost, repeated or left running::

    class TestMine(OutlivingSuite):
        provider = sweep_platforms()[0]
"""

from pathlib import Path

from sweepwright.contracts import AttemptFiles, AttemptRef, Ended, Job, ProbeRequest, TrialCode
from sweepwright.events import FailureKind

from .attempt_files import AttemptFilesSuite
from .platform_harness import PlatformHarness


class OutlivingSuite(AttemptFilesSuite):
    """Contract suite for a platform whose jobs outlive the driver."""

    outlives = True
    _folders: frozenset[Path] = frozenset()

    def teardown_method(self) -> None:
        """End what a test has left running; pytest calls this method after each test."""
        if cleanup := self.provider.cleanup:
            for folder in self._folders:
                list(cleanup(self.options(), self.workspace(folder, resumed=True)))

    def harness(self, folder: Path) -> PlatformHarness:
        """Build a platform with a harness that drives it."""
        self._folders |= {folder}
        return super().harness(folder)

    def resumed(self, folder: Path) -> PlatformHarness:
        """Build the platform of a driver that resumes the sweep of an earlier one."""
        workspace = self.workspace(folder, resumed=True)
        platform = self.provider.build(self.options(), workspace)
        return PlatformHarness(platform, folder, self.patience)

    def start_and_leave(self, folder: Path, script: str) -> tuple[PlatformHarness, Job]:
        """Launch a job, watch it write its first line, and close the platform."""
        with self.harness(folder) as harness:
            job = harness.launch(script)
            harness.watch_to_start(job)
        return harness, job

    def test_the_provider_says_that_jobs_outlive_the_driver(self) -> None:
        """A driver that is stopped for good must know which jobs it has to cancel."""
        says = self.provider.outlives

        assert says is not None, "`outlives` is missing"
        assert says(self.options()) is True

    def test_a_log_is_read_from_any_cursor(self, tmp_path: Path) -> None:
        """A driver that takes over a job in the middle of its log reads exactly the rest."""
        with self.harness(tmp_path) as first:
            job = first.launch("talk")
            first.watch_to_end(job)
        handle, outputs = first.launches(job)[0].handle, first.outputs(job)
        for read in (0, 2, 5):
            with self.resumed(tmp_path) as second:
                cursor = outputs[read - 1].cursor if read else None
                assert second.platform.reattach(job, handle, cursor)
                second.watch_to_end(job)

                rest = [line.sequence for line in second.lines(job)]
                assert rest == list(range(read, 6)), f"after {read} lines came {rest}"
                assert not second.launches(job), "reported the start of a job that was known"

    def test_an_end_between_two_drivers_arrives(self, tmp_path: Path) -> None:
        """A job that ends while no driver watches it is reported to one that takes it over."""
        first, job = self.start_and_leave(tmp_path, "talk")
        with self.resumed(tmp_path) as second:
            # This job takes as long, so the other one has ended meanwhile.
            second.watch_to_end(second.launch("talk", trial=1))
        with self.resumed(tmp_path) as third:
            cursor = first.outputs(job)[-1].cursor
            assert third.platform.reattach(job, first.launches(job)[0].handle, cursor)
            third.watch_to_end(job)

            assert third.failure(job) is None
            assert len(third.endings(job)) == 1

    def test_a_known_name_is_launched_once_by_two_drivers(self, tmp_path: Path) -> None:
        """A driver that died may have launched a job unseen, so the next one launches its name.

        The job that runs is reported as if it had been launched now.
        """
        first, job = self.start_and_leave(tmp_path, "hang")
        with self.resumed(tmp_path) as second:
            second.start(job)
            second.watch_to_start(job)
            second.platform.cancel(job.name)
            second.watch_to_end(job)

            assert [each.handle for each in second.launches(job)] == [
                each.handle for each in first.launches(job)
            ], "started the job again"
            assert [each.line for each in second.outputs(job)] == [
                each.line for each in first.outputs(job)
            ], "another process wrote"

    def test_two_platforms_run_after_each_other(self, tmp_path: Path) -> None:
        """A driver hears only of the jobs that it has launched or taken over."""
        first, left = self.start_and_leave(tmp_path, "hang")
        with self.resumed(tmp_path) as second:
            job = second.launch("talk", trial=1)
            second.watch_to_end(job)

            assert second.failure(job) is None
            assert not second.of(left), "reported a job that it had not taken over"
        with self.resumed(tmp_path) as third:
            cursor = first.outputs(left)[-1].cursor

            assert third.platform.reattach(left, first.launches(left)[0].handle, cursor)
            third.platform.cancel(left.name)
            third.watch_to_end(left)

    def test_a_job_of_an_earlier_driver_can_be_cancelled(self, tmp_path: Path) -> None:
        """A driver cancels jobs that it has not taken over, such as that of a stopped trial."""
        first, job = self.start_and_leave(tmp_path, "hang")
        handle, cursor = first.launches(job)[0].handle, first.outputs(job)[-1].cursor
        with self.resumed(tmp_path) as second:
            second.platform.cancel(job.name)
            second.platform.poll(0.0)
        with self.resumed(tmp_path) as third:
            if third.platform.reattach(job, handle, cursor):
                third.watch_to_end(job)
                failure = third.failure(job)

                assert failure is not None, "it was not cancelled"
                assert failure.kind is FailureKind.KILLED

    def test_a_probe_has_no_effect(self, tmp_path: Path) -> None:
        """A probe finds machines fit on which jobs run, and leaves the jobs alone."""
        probe = self.provider.probe
        assert probe is not None, "`probe` is missing"
        with self.harness(tmp_path) as harness:
            job = harness.launch("hang")
            harness.watch_to_start(job)
            code = TrialCode("suite", job.roles, folder=job.folder)
            request = ProbeRequest(code, folder=tmp_path, resumed=True)
            found = [*probe(self.options(), request), *probe(self.options(), request)]

            assert [each for each in found if not each.warning] == []
            assert all(len(each.message.splitlines()) == 1 for each in found)
            harness.seen += harness.platform.poll(0.2)
            assert not harness.endings(job), "ended a job"
            assert len(harness.launches(job)) == 1

    def test_cleanup_leaves_nothing(self, tmp_path: Path) -> None:
        """A cleanup ends the jobs and removes the files; a second one finds nothing to do."""
        cleanup = self.provider.cleanup
        assert cleanup is not None, "`cleanup` is missing"
        first, job = self.start_and_leave(tmp_path, "chatter")
        workspace = self.workspace(tmp_path, resumed=True)
        done = list(cleanup(self.options(), workspace))

        assert done, "does not say what it has done"
        assert all(len(line.splitlines()) == 1 for line in done)
        assert list(cleanup(self.options(), workspace)) == [], "left something behind"
        with self.files(tmp_path) as files:
            assert not _has_files(files, first.reference(job)), "left files behind"
        with self.resumed(tmp_path) as second:
            handle = first.launches(job)[0].handle
            assert second.platform.reattach(job, handle, None) is False, "left the job running"

    def test_cleanup_spares_other_sweeps(self, tmp_path: Path) -> None:
        """A cleanup touches neither jobs nor files of another sweep."""
        cleanup = self.provider.cleanup
        assert cleanup is not None, "`cleanup` is missing"
        mine, other = tmp_path / "mine", tmp_path / "other"
        mine.mkdir()
        other.mkdir()
        self.start_and_leave(mine, "hang")
        first, job = self.start_and_leave(other, "hang")
        list(cleanup(self.options(), self.workspace(mine, resumed=True)))
        with self.resumed(other) as second:
            cursor = first.outputs(job)[-1].cursor
            handle = first.launches(job)[0].handle

            assert second.platform.reattach(job, handle, cursor), "ended a job of another sweep"
            assert not any(isinstance(event, Ended) for event in second.platform.poll(0.2))
            second.platform.cancel(job.name)
            second.watch_to_end(job)


def _has_files(files: AttemptFiles, attempt: AttemptRef) -> bool:
    try:
        return bool(files.list(attempt))
    except FileNotFoundError:
        return False
