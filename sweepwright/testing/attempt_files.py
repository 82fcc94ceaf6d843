"""Contract suite for the files of attempts, which `logs` and `fetch` read.

It holds for every platform, whether it keeps the files in the sweep's folder or elsewhere::

    class TestMine(AttemptFilesSuite):
        provider = sweep_platforms()[0]
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sweepwright.attempt_folder import AttemptFolder
from sweepwright.contracts import AttemptFiles, AttemptRef, Job

from .platform_harness import PlatformHarness
from .platforms import PlatformSuite

_LIMIT = 1 << 20
_OUT, _ERR = "main-0.stdout", "main-0.stderr"


class AttemptFilesSuite(PlatformSuite):
    """Contract suite for a platform and the files of its attempts."""

    @contextmanager
    def files(self, folder: Path) -> Iterator[AttemptFiles]:
        """Open the files of the attempts of the sweep that keeps its files in a folder."""
        provider = self.provider
        if provider.open_files is None:
            yield AttemptFolder(folder / "trials")
            return
        workspace = self.workspace(folder, resumed=True)
        with closing(provider.open_files(self.options(), workspace)) as files:
            yield files

    def test_output_of_a_running_job_can_be_read(self, tmp_path: Path) -> None:
        """What a job has printed can be read while it runs, and reading does not disturb it."""
        with self.harness(tmp_path) as harness, self.files(tmp_path) as files:
            job = harness.launch("chatter")
            harness.watch_to_start(job)
            attempt = harness.reference(job)
            paths = {file.path for file in files.list(attempt)}

            assert {_OUT, _ERR} <= paths, f"lists {paths}"
            assert files.read(attempt, _OUT, 0, _LIMIT) == b"to standard output\n"
            assert files.read(attempt, _ERR, 0, _LIMIT) == b"to standard error\n"

            harness.seen += harness.platform.poll(0.0)
            assert not harness.endings(job), "ended the job"

    def test_output_of_an_ended_job_can_be_read(self, tmp_path: Path) -> None:
        """What a job has printed can be read after its end, also when its driver has gone."""
        with self.harness(tmp_path) as harness:
            job = harness.launch("chatter")
            harness.watch_to_start(job)
            harness.platform.cancel(job.name)
            harness.watch_to_end(job)
            attempt = harness.reference(job)
        with self.files(tmp_path) as files:
            sizes = {file.path: file.size for file in files.list(attempt)}

            assert files.read(attempt, _OUT, 0, _LIMIT) == b"to standard output\n"
            assert sizes[_OUT] == len(b"to standard output\n"), "the size is wrong"

    def test_a_checkpoint_can_be_read(self, tmp_path: Path) -> None:
        """The checkpoint of a job that succeeded is listed, and can be read in pieces."""
        with self.harness(tmp_path) as harness, self.files(tmp_path) as files:
            job = harness.launch("keep")
            harness.watch_to_end(job)
            attempt = harness.reference(job)
            kept = [file for file in files.list(attempt) if file.path.startswith("checkpoint/")]

            assert [(file.path, file.size) for file in kept] == [("checkpoint/weights", 2)]
            assert files.read(attempt, "checkpoint/weights", 0, 1) == b"4"
            assert files.read(attempt, "checkpoint/weights", 1, 9) == b"2"
            assert files.read(attempt, "checkpoint/weights", 2, 9) == b""

    def test_what_is_not_there_is_not_found(self, tmp_path: Path) -> None:
        """An attempt, or a file, that does not exist raises `FileNotFoundError`."""
        with self.harness(tmp_path) as harness, self.files(tmp_path) as files:
            job = harness.launch("keep")
            harness.watch_to_end(job)
            unknown = harness.job("talk", trial=job.trial, attempt=7)

            assert not _finds(files, harness.reference(job), "checkpoint/nothing")
            assert not _finds(files, harness.reference(job), "../1/checkpoint/weights")
            assert not _finds(files, harness.reference(job), "checkpoint")
            assert not _finds_attempt(files, harness, unknown)

    def test_files_are_closed_twice(self, tmp_path: Path) -> None:
        """A second `close` does nothing."""
        with self.files(tmp_path) as files:
            files.close()


def _finds(files: AttemptFiles, attempt: AttemptRef, path: str) -> bool:
    try:
        files.read(attempt, path, 0, _LIMIT)
    except FileNotFoundError:
        return False
    return True


def _finds_attempt(files: AttemptFiles, harness: PlatformHarness, job: Job) -> bool:
    try:
        files.list(harness.reference(job))
    except FileNotFoundError:
        return False
    return True
