"""Sweeps from the command line in a cluster, and what must be true of them in the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from sweepwright.events import Retried
from tests.forked_commands import ForkedCommand, run_forked
from tests.system.driven_sweeps import (
    DrivenSweep,
    assert_results,
    count_attempts,
    output_of,
)
from tests.system.kubeflow.stand_in_cluster import CLAIM, StandInCluster

GATED = Path(__file__).with_name("gated_trial.py")


@dataclass
class ClusterSweep(DrivenSweep):
    """A sweep in a cluster: its command line, its drivers, and its end."""

    folder: Path
    world: StandInCluster
    environment: dict[str, str]
    trial: Path = GATED
    tuner: str = "random"
    options: dict[str, str] = field(default_factory=dict)
    """Options of the platform, in addition to those that lead to the cluster."""
    overrides: tuple[str, ...] = ()
    driver: ForkedCommand | None = None
    """The driver that was started last."""

    def __post_init__(self) -> None:
        """Make the trial's folder, and the folder in which tests and trials meet."""
        self.options = {"image": "trial:1", **self.options}
        self.code.mkdir(parents=True)
        self.meeting.mkdir()
        (self.code / "trial.py").write_text(self.trial.read_text())

    @property
    def meeting(self) -> Path:
        """The folder in which tests and gated trials meet."""
        return self.folder / "meeting"

    def start(self) -> ForkedCommand:
        """Begin the sweep."""
        return self.command(self._arguments(platform_words(self.world, **self.options)))

    def run(self) -> str:
        """Run the sweep to its end with the gate open, and return what the driver has printed."""
        self.open_gate()
        return output_of(self.start())

    def run_here(self) -> Sequence[tuple[Any, ...]]:
        """Run the same sweep on this machine, undisturbed, and return its outcome."""
        key = self.trial, self.tuner, self.overrides
        if key not in self.world.undisturbed:
            self.world.undisturbed[key] = self._run_here()
        return self.world.undisturbed[key]

    def open_gate(self) -> None:
        """Let gated trials end."""
        (self.meeting / "go").touch()

    def began(self) -> Counter[int]:
        """Count the attempts of each gated trial that began."""
        return count_attempts(self.meeting)

    def retries(self) -> list[Retried]:
        """List the retries of trials."""
        return [event for event in self.events() if isinstance(event, Retried)]

    def show(self) -> str:
        """Show the sweep as `show` does."""
        return run_forked(["show", f"store.path={self.store}"], self.environment).stdout

    def wait_for_line(self, text: str) -> None:
        """Wait until the driver has printed a text."""
        driver = self.driver
        assert driver is not None
        self.wait_until(lambda: text in driver.read_output())

    def processes(self) -> list[psutil.Process]:
        """Find the processes of trials and their agents on this machine."""
        mark, found = str(self.meeting), []
        for each in psutil.process_iter():
            try:
                if each.status() != psutil.STATUS_ZOMBIE and mark in str(each.environ()):
                    found.append(each)
            except psutil.Error:
                continue
        return found

    def _run_here(self) -> Sequence[tuple[Any, ...]]:
        calm = ClusterSweep(
            self.folder / "calm", self.world, self.environment, self.trial, self.tuner
        )
        calm.overrides = self.overrides
        calm.open_gate()
        output_of(calm.command(calm._arguments(["platform=local"])))
        return calm.outcome()

    def _arguments(self, platform: Sequence[str]) -> list[str]:
        meeting = f"+trial.environment.MEETING={self.meeting}"
        return [*platform, meeting, *self.arguments()]


def platform_words(world: StandInCluster, **options: str) -> list[str]:
    """Return arguments that let trials run in a cluster, with further options of the platform."""
    given = {
        "kubeconfig": str(world.kubeconfig),
        "python": "python",
        "files.claim": CLAIM,
        "requests_per_second": "1000",
        **options,
    }
    return ["platform=kubeflow", *(f"platform.{name}={value}" for name, value in given.items())]


def assert_unharmed(sweep: ClusterSweep, trials: int) -> None:
    """Check that each trial has one result for each budget, and that nothing is left of it."""
    assert_results(sweep, trials)
    assert_no_duplicates(sweep.world)
    assert_nothing_left(sweep)


def assert_no_duplicates(world: StandInCluster) -> None:
    """Check that no job was created twice, and that no process of an attempt ran twice."""
    twice = {name: uids for name, uids in world.created.items() if len(uids) > 1}
    assert not twice, f"jobs that were created twice: {twice}"
    again = {key: uids for key, uids in world.ran.items() if len(uids) > 1}
    assert not again, f"attempts that ran twice: {again}"


def assert_nothing_left(sweep: ClusterSweep) -> None:
    """Check that nothing is left in the cluster, and no process on this machine."""
    sweep.driver = None
    sweep.wait_until(lambda: not sweep.world.leftovers())
    sweep.wait_until(lambda: not sweep.processes())
