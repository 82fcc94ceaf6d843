"""Contract suite for platforms that start processes on this machine."""

import json
import time
from pathlib import Path

from sweepwright.contracts import PythonFile, Role
from sweepwright.events import CheckpointRef

from .platforms import PlatformSuite

GRACE_SECONDS = 1.0
"""Number of seconds that a killed process may take to disappear."""


class ProcessSuite(PlatformSuite):
    """Contract suite for a platform whose jobs are local processes; needs psutil."""

    def test_cancel_ends_every_descendant(self, tmp_path: Path) -> None:
        """When a cancelled job has ended, all descendants are gone, even in other sessions."""
        witness = tmp_path / "pids"
        with self.harness(tmp_path) as harness:
            job = harness.launch("family", environment={"WITNESS": str(witness)})
            harness.watch_to_start(job)
            harness.platform.cancel(job.name)
            harness.watch_to_end(job)

            _assert_gone(witness, 4)

    def test_time_limit_ends_every_descendant(self, tmp_path: Path) -> None:
        """When a job has ended at its time limit, all descendants are gone."""
        witness = tmp_path / "pids"
        with self.harness(tmp_path) as harness:
            environment = {"WITNESS": str(witness)}
            harness.watch_to_end(harness.launch("family", environment=environment, time_limit=3.0))

            _assert_gone(witness, 4)

    def test_a_good_end_leaves_nothing_behind(self, tmp_path: Path) -> None:
        """When a job has succeeded, all descendants are gone."""
        witness = tmp_path / "pids"
        with self.harness(tmp_path) as harness:
            job = harness.launch("family", environment={"WITNESS": str(witness), "LINGER": "0"})
            harness.watch_to_end(job)

            assert harness.failure(job) is None
            _assert_gone(witness, 4)

    def test_roles_die_together(self, tmp_path: Path) -> None:
        """When a job has failed because of one role, the descendants of all roles are gone."""
        witness = tmp_path / "pids"
        with self.harness(tmp_path) as harness:
            main = Role("main", harness.entry("family"))
            mortal = Role("mortal", _once_there_is(witness, tmp_path, then="1 / 0"), reports=False)
            job = harness.launch(
                "family", roles=(main, mortal), environment={"WITNESS": str(witness)}
            )
            harness.watch_to_end(job)

            assert harness.failure(job) is not None
            _assert_gone(witness, 4)

    def test_close_leaves_no_process(self, tmp_path: Path) -> None:
        """After `close`, the platform's processes are gone, unless jobs outlive the driver."""
        witness = tmp_path / "pids"
        with self.harness(tmp_path) as harness:
            harness.watch_to_start(harness.launch("family", environment={"WITNESS": str(witness)}))
        if not self.outlives:
            _assert_gone(witness, 4)

    def test_a_name_runs_once(self, tmp_path: Path) -> None:
        """A second launch of the same name does not start another process."""
        witness = tmp_path / "count"
        with self.harness(tmp_path) as harness:
            job = harness.start(harness.launch("count", environment={"WITNESS": str(witness)}))
            harness.watch_to_end(job)
            harness.start(job)
            harness.watch_to_end(job)

        assert witness.read_text() == "here\n"

    def test_much_output_does_no_harm(self, tmp_path: Path) -> None:
        """Twenty thousand reports arrive, not mixed with megabytes of other output."""
        with self.harness(tmp_path) as harness:
            job = harness.launch("flood")
            harness.watch_to_end(job)

            assert [line.sequence for line in harness.lines(job)] == list(range(20_001))
            assert len(harness.outputs(job)) == 20_001, "text came among the reports"

    def test_each_process_knows_its_place(self, tmp_path: Path) -> None:
        """The environment holds trial, role, rank, checkpoints and the role's own variables."""
        with self.harness(tmp_path) as harness:
            entry = harness.entry("environ")
            roles = (
                Role("main", entry, environment={"MINE": "yes"}),
                Role("helper", entry, replicas=2, reports=False),
            )
            job = harness.launch("environ", roles=roles, environment={"WITNESS": str(tmp_path)})
            harness.watch_to_end(job)

            for place in ("main0", "helper0", "helper1"):
                held = json.loads((tmp_path / f"{place}.json").read_text())
                trial = job.environment["SWEEPWRIGHT_TRIAL"]
                assert held["SWEEPWRIGHT_TRIAL"] == trial
                assert held["SWEEPWRIGHT_ROLE"] + held["SWEEPWRIGHT_RANK"] == place
                assert held["SWEEPWRIGHT_CHECKPOINTS"] == held["folder"]
                assert "SWEEPWRIGHT_INHERITED" not in held
                assert held.get("MINE") == ("yes" if place == "main0" else None)

    def test_descendants_report(self, tmp_path: Path) -> None:
        """What a program reports that a job's process starts arrives too, in order."""
        with self.harness(tmp_path) as harness:
            job = harness.launch("offspring")
            harness.watch_to_end(job)

            assert harness.failure(job) is None
            assert [line.metrics["default"] for line in harness.lines(job)] == [0, 1, 2]
            assert len({line.process for line in harness.lines(job)}) == 2

    def test_one_process_reports(self, tmp_path: Path) -> None:
        """Only the reports of rank 0 of the reporting role arrive."""
        with self.harness(tmp_path) as harness:
            entry = harness.entry("talk")
            roles = (Role("main", entry, replicas=2), Role("helper", entry, reports=False))
            job = harness.launch("talk", roles=roles)
            harness.watch_to_end(job)

            assert {(line.role, line.rank) for line in harness.lines(job)} == {("main", 0)}
            assert len(harness.lines(job)) == 6

    def test_a_checkpoint_is_inherited(self, tmp_path: Path) -> None:
        """An attempt can read the checkpoint of the attempt from which it inherits."""
        with self.harness(tmp_path) as harness:
            harness.watch_to_end(harness.launch("keep", trial=7))
            job = harness.launch("heir", trial=7, attempt=2, inherits=CheckpointRef(7, 1))
            harness.watch_to_end(job)

            assert [line.metrics["default"] for line in harness.lines(job)] == [42]

    def test_a_job_that_cannot_start_is_reported(self, tmp_path: Path) -> None:
        """If its file is missing, the job is refused or fails, and the platform does not raise."""
        with self.harness(tmp_path) as harness:
            roles = (Role("main", PythonFile(str(tmp_path / "missing.py"))),)
            job = harness.launch("talk", roles=roles)
            harness.watch(lambda: bool(harness.endings(job) or harness.refusals(job)))

            assert harness.refusals(job) or harness.failure(job) is not None


def _once_there_is(witness: Path, folder: Path, *, then: str) -> PythonFile:
    """Write a script that waits for a file and then runs a line."""
    lines = [
        "import os, time",
        f"while not os.path.exists({str(witness)!r}):",
        "    time.sleep(0.05)",
        then,
    ]
    path = folder / "mortal.py"
    path.write_text("\n".join(lines), encoding="utf-8")
    return PythonFile(str(path))


def _assert_gone(witness: Path, count: int) -> None:
    pids = [int(pid) for pid in witness.read_text().split()]
    assert len(pids) == count, f"expected {count} processes, not {pids}"
    deadline = time.monotonic() + GRACE_SECONDS
    while alive := [pid for pid in pids if _is_alive(pid)]:
        assert time.monotonic() < deadline, f"still alive: {alive}"
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    """Tell whether a process is running; a zombie is not."""
    import psutil  # noqa: PLC0415 - needed by this suite alone, and no dependency

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
