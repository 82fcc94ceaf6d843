"""The contract of platforms that start processes on this machine, beyond that of all."""

import json
import time
from pathlib import Path

from sweepwright.contracts import PythonFile, Role
from sweepwright.events import CheckpointRef

from .platforms import PlatformSuite

GRACE_SECONDS = 1.0
"""How long a killed process may take to be gone."""


class ProcessSuite(PlatformSuite):
    """Puts a platform of processes through the contract; needs psutil."""

    def test_cancel_ends_every_descendant(self, tmp_path: Path) -> None:
        """Children, sessions of their own and orphans are gone when the end is seen."""
        witness = tmp_path / "pids"
        with self.stage(tmp_path) as stage:
            job = stage.launch("family", environment={"WITNESS": str(witness)})
            stage.watch_to_start(job)
            stage.platform.cancel(job.name)
            stage.watch_to_end(job)

            _assert_gone(witness, 4)

    def test_time_limit_ends_every_descendant(self, tmp_path: Path) -> None:
        """So they are when the time is over."""
        witness = tmp_path / "pids"
        with self.stage(tmp_path) as stage:
            environment = {"WITNESS": str(witness)}
            stage.watch_to_end(stage.launch("family", environment=environment, time_limit=3.0))

            _assert_gone(witness, 4)

    def test_a_good_end_leaves_nothing_behind(self, tmp_path: Path) -> None:
        """So they are when a job ends by itself, and well."""
        witness = tmp_path / "pids"
        with self.stage(tmp_path) as stage:
            job = stage.launch("family", environment={"WITNESS": str(witness), "LINGER": "0"})
            stage.watch_to_end(job)

            assert stage.failure(job) is None
            _assert_gone(witness, 4)

    def test_roles_die_together(self, tmp_path: Path) -> None:
        """So they are when another role dies."""
        witness = tmp_path / "pids"
        with self.stage(tmp_path) as stage:
            main = Role("main", stage.entry("family"))
            mortal = Role("mortal", _once_there_is(witness, tmp_path, then="1 / 0"), reports=False)
            job = stage.launch(
                "family", roles=(main, mortal), environment={"WITNESS": str(witness)}
            )
            stage.watch_to_end(job)

            assert stage.failure(job) is not None
            _assert_gone(witness, 4)

    def test_close_leaves_no_process(self, tmp_path: Path) -> None:
        """So they are when the platform is closed, unless its jobs outlive the driver."""
        witness = tmp_path / "pids"
        with self.stage(tmp_path) as stage:
            stage.watch_to_start(stage.launch("family", environment={"WITNESS": str(witness)}))
        if not self.outlives:
            _assert_gone(witness, 4)

    def test_a_name_runs_once(self, tmp_path: Path) -> None:
        """A second launch of one name runs no second process."""
        witness = tmp_path / "count"
        with self.stage(tmp_path) as stage:
            job = stage.start(stage.launch("count", environment={"WITNESS": str(witness)}))
            stage.watch_to_end(job)
            stage.start(job)
            stage.watch_to_end(job)

        assert witness.read_text() == "here\n"

    def test_much_output_does_no_harm(self, tmp_path: Path) -> None:
        """Megabytes of text and twenty thousand reports arrive, or go where they belong."""
        with self.stage(tmp_path) as stage:
            job = stage.launch("flood")
            stage.watch_to_end(job)

            assert [line.sequence for line in stage.lines(job)] == list(range(20_001))
            assert len(stage.outputs(job)) == 20_001, "text came among the reports"

    def test_each_process_knows_its_place(self, tmp_path: Path) -> None:
        """Trial, role, rank and checkpoints are in the environment, and the role's own words."""
        with self.stage(tmp_path) as stage:
            entry = stage.entry("environ")
            roles = (
                Role("main", entry, environment={"MINE": "yes"}),
                Role("helper", entry, replicas=2, reports=False),
            )
            job = stage.launch("environ", roles=roles, environment={"WITNESS": str(tmp_path)})
            stage.watch_to_end(job)

            for place in ("main0", "helper0", "helper1"):
                held = json.loads((tmp_path / f"{place}.json").read_text())
                trial = job.environment["SWEEPWRIGHT_TRIAL"]
                assert held["SWEEPWRIGHT_TRIAL"] == trial
                assert held["SWEEPWRIGHT_ROLE"] + held["SWEEPWRIGHT_RANK"] == place
                assert held["SWEEPWRIGHT_CHECKPOINTS"] == held["folder"]
                assert "SWEEPWRIGHT_INHERITED" not in held
                assert held.get("MINE") == ("yes" if place == "main0" else None)

    def test_one_process_reports(self, tmp_path: Path) -> None:
        """Of all that report, only rank 0 of the reporting role is heard."""
        with self.stage(tmp_path) as stage:
            entry = stage.entry("talk")
            roles = (Role("main", entry, replicas=2), Role("helper", entry, reports=False))
            job = stage.launch("talk", roles=roles)
            stage.watch_to_end(job)

            assert {(line.role, line.rank) for line in stage.lines(job)} == {("main", 0)}
            assert len(stage.lines(job)) == 6

    def test_a_checkpoint_is_inherited(self, tmp_path: Path) -> None:
        """What an attempt left is what the one that inherits from it finds."""
        with self.stage(tmp_path) as stage:
            stage.watch_to_end(stage.launch("keep", trial=7))
            job = stage.launch("heir", trial=7, attempt=2, inherits=CheckpointRef(7, 1))
            stage.watch_to_end(job)

            assert [line.metrics["default"] for line in stage.lines(job)] == [42]

    def test_what_cannot_start_has_failed(self, tmp_path: Path) -> None:
        """A file that is not there is a job's failure, not an exception."""
        with self.stage(tmp_path) as stage:
            roles = (Role("main", PythonFile(str(tmp_path / "missing.py"))),)
            job = stage.launch("talk", roles=roles)
            stage.watch_to_end(job)

            assert stage.failure(job) is not None


def _once_there_is(witness: Path, folder: Path, *, then: str) -> PythonFile:
    """Write a script that waits for a file and then does something."""
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
    assert len(pids) == count, f"{count} processes should have been there, not {pids}"
    deadline = time.monotonic() + GRACE_SECONDS
    while alive := [pid for pid in pids if _is_alive(pid)]:
        assert time.monotonic() < deadline, f"still alive: {alive}"
        time.sleep(0.02)


def _is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that was killed and not yet reaped does not."""
    import psutil  # noqa: PLC0415 - needed by this suite alone, and no dependency

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
