"""The contract of platforms, in a cluster whose pods are processes of this machine."""

from contextlib import suppress
from pathlib import Path

import pytest

from sweepwright.contracts import Role
from sweepwright.events import FailureKind
from sweepwright.plugins.platforms.kubeflow.options import KubeflowOptions
from sweepwright.testing.outliving import OutlivingSuite
from sweepwright.testing.platforms import PlatformSuite
from tests.plugins.platforms.kubeflow.cluster_suite import ClusterSuite, provider

CLAIM = {"metadata": {"name": "files"}, "spec": {"accessModes": ["ReadWriteMany"]}}


class RolesOfKubeflow(PlatformSuite):
    """Replaces what the suite assumes of roles: an operator knows its own, and no others."""

    def test_roles_end_together(self, tmp_path: Path) -> None:
        """When a worker fails, the job ends with the worker's failure, and its output is kept."""
        with self.harness(tmp_path) as harness:
            roles = (
                Role("master", harness.entry("hang")),
                Role("worker", harness.entry("boom"), reports=False),
            )
            job = harness.launch("hang", roles=roles, kind="PyTorchJob")
            harness.watch_to_end(job)
            failure = harness.failure(job)

            assert failure is not None
            assert failure.kind is FailureKind.ERROR
            assert failure.message == "role `worker` rank 0: ValueError: boom"
        saved = tmp_path / "trials" / "0" / "1" / "worker-0.stdout"
        assert saved.read_text().splitlines()[-1] == "ValueError: boom"


@pytest.mark.ci_only  # `test_faults.py` goes the same ways
class TestKubeflow(ClusterSuite, RolesOfKubeflow):
    """Puts the platform through the contract, with jobs that are deleted at their end."""

    provider = provider
    outlives = True


class TestOutliving(ClusterSuite, RolesOfKubeflow, OutlivingSuite):
    """Puts it through the contract of platforms whose jobs outlive the driver.

    Finished jobs are kept, because the suite takes them over after their end was reported. A
    driver never does that: `test_crashes.py` tests what it does instead.
    """

    provider = provider

    def options(self, **changes: object) -> KubeflowOptions:
        return super().options(keep_finished=True, **changes)

    def teardown_method(self) -> None:
        with suppress(ConnectionError):
            OutlivingSuite.teardown_method(self)
        ClusterSuite.teardown_method(self)

    def test_output_of_a_running_job_can_be_read(self, tmp_path: Path) -> None:
        """A container's log has both streams of a process, in the order of writing."""
        with self.harness(tmp_path) as harness, self.files(tmp_path) as files:
            job = harness.launch("chatter")
            harness.watch_to_start(job)
            attempt = harness.reference(job)

            assert {file.path for file in files.list(attempt)} == {"main-0.stdout"}
            printed = files.read(attempt, "main-0.stdout", 0, 1000)
            assert sorted(printed.splitlines()) == [b"to standard error", b"to standard output"]

    def test_output_of_an_ended_job_can_be_read(self, tmp_path: Path) -> None:
        """What a job has printed can be read after its end, also when its driver has gone."""
        with self.harness(tmp_path) as harness:
            job = harness.launch("chatter")
            harness.watch_to_start(job)
            harness.platform.cancel(job.name)
            harness.watch_to_end(job)
            attempt = harness.reference(job)
        with self.files(tmp_path) as files:
            printed = files.read(attempt, "main-0.stdout", 0, 1000)
            assert sorted(printed.splitlines()) == [b"to standard error", b"to standard output"]

    @pytest.mark.skip(reason="checkpoints lie on a volume of the cluster")
    def test_a_checkpoint_can_be_read(self, tmp_path: Path) -> None: ...

    def test_cleanup_leaves_nothing(self, tmp_path: Path) -> None:
        """A cleanup deletes all objects of the sweep; a second one finds nothing to do."""
        cleanup = provider.cleanup
        assert cleanup is not None
        self.start_and_leave(tmp_path, "chatter")
        workspace = self.workspace(tmp_path, resumed=True)

        assert list(cleanup(self.options(), workspace)) == [
            "deleted 1 Job in `default`",
            "deleted 1 Pod in `default`",
            "deleted 1 ConfigMap in `default`",
        ]
        assert list(cleanup(self.options(), workspace)) == []
        with self.resumed(tmp_path) as second:
            job = second.job("chatter", trial=0)
            assert (
                second.platform.reattach(job, {"job": "x", "uid": "y", "pod": "z"}, None) is False
            )
