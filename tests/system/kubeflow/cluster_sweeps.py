"""Sweeps from the command line in a cluster, and what must be true of them in the end."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from sweepwright.core.store.entries import EventEntry
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.events import Failed, Lost, Measured, Retried, Stopped, StudyEvent
from tests.forked_commands import ForkedCommand, run_forked
from tests.system.kubeflow.stand_in_cluster import CLAIM, StandInCluster
from tests.system.sweeps import exported

GATED = Path(__file__).with_name("gated_trial.py")
FLAKY = Path(__file__).parents[1] / "flaky_trial.py"
SECONDS = 90
"""Longest time that a command or an event may take."""


@dataclass
class ClusterSweep:
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
    def code(self) -> Path:
        """The trial's folder."""
        return self.folder / "code"

    @property
    def meeting(self) -> Path:
        """The folder in which tests and gated trials meet."""
        return self.folder / "meeting"

    @property
    def store(self) -> Path:
        """The store of the sweep."""
        return self.folder / "store"

    def start(self) -> ForkedCommand:
        """Begin the sweep."""
        return self._command(self._arguments(platform_words(self.world, **self.options)))

    def resume(self) -> ForkedCommand:
        """Continue the sweep in another driver."""
        return self._command(["resume", f"store.path={self.store}"])

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
        files = self.meeting.glob("began-*")
        return Counter({int(f.name.partition("-")[2]): f.read_text().count("\n") for f in files})

    def rows(self) -> list[dict[str, Any]]:
        """Export the sweep."""
        return exported(self.store, self.environment)

    def outcome(self) -> Sequence[tuple[Any, ...]]:
        """Reduce the export to what must not depend on time."""
        return [(r["number"], r["state"], r["assignment"], r["value"]) for r in self.rows()]

    def events(self) -> list[StudyEvent]:
        """Read the events of the journal."""
        (folder,) = (path.parent for path in self.store.glob("[!.]*/journal.sqlite"))
        with closing(JournalReader(folder)) as reader:
            return [entry.event for entry in reader.entries() if isinstance(entry, EventEntry)]

    def retries(self) -> list[Retried]:
        """List the retries of trials."""
        return [event for event in self.events() if isinstance(event, Retried)]

    def show(self) -> str:
        """Show the sweep as `show` does."""
        return run_forked(["show", f"store.path={self.store}"], self.environment).stdout

    def close(self) -> None:
        """Kill the last driver, if a test has failed."""
        if self.driver:
            self.driver.kill()
            self.driver.communicate()

    def cleanup(self) -> str:
        """End and remove what the sweep has left in the cluster."""
        words = ["cleanup", "--unfinished", f"store.path={self.store}"]
        done = run_forked(words, self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait_until(self, condition: Callable[[], Any]) -> None:
        """Wait until something is true, as long as the driver runs."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            ended = self.driver is not None and self.driver.poll() is not None
            if ended or time.monotonic() > deadline:
                said = self.driver.read_output() if self.driver else ""
                pytest.fail(f"what is waited for does not happen; the driver said:\n{said}")
            time.sleep(0.02)

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
        output_of(calm._command(calm._arguments(["platform=local"])))
        return calm.outcome()

    def _command(self, words: Sequence[str]) -> ForkedCommand:
        self.driver = ForkedCommand(words, self.environment, self.folder, merged=True)
        return self.driver

    def _arguments(self, platform: Sequence[str]) -> list[str]:
        return [
            *platform,
            "framework=python",
            f"+trial.entries.python={self.code / 'trial.py'}",
            f"trial.folder={self.code}",
            f"+trial.environment.MEETING={self.meeting}",
            *(f"+silence.{code}='the trials read one parameter'" for code in ("T105", "B102")),
            f"tuner={self.tuner}",
            "reproducible=true",
            "retries.error=1",
            "retries.killed=0",
            "seed=11",
            f"store.path={self.store}",
            *self.overrides,
        ]


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


def output_of(command: ForkedCommand, code: int = 0) -> str:
    """Wait for a command, check its end, and return what it has printed."""
    printed, _ = command.communicate(SECONDS)
    assert command.returncode == code, printed
    assert "Traceback" not in printed
    return printed


def assert_unharmed(sweep: ClusterSweep, trials: int) -> None:
    """Check that each trial has one result for each budget, and that nothing is left of it."""
    rows = sweep.rows()
    assert [row["number"] for row in rows] == list(range(trials))
    assert {row["state"] for row in rows} <= {"measured", "failed"}, rows
    ends = Counter(
        (event.trial.number, event.trial.budget)
        for event in sweep.events()
        if isinstance(event, Measured | Stopped | Failed | Lost)
    )
    assert set(ends.values()) == {1}
    assert_no_duplicates(sweep.world)
    assert_nothing_left(sweep)


def assert_no_duplicates(world: StandInCluster) -> None:
    """Check that no job was created twice, and that no process of an attempt ran twice."""
    assert {name: uids for name, uids in world.created.items() if len(uids) > 1} == {}
    assert {key: uids for key, uids in world.ran.items() if len(uids) > 1} == {}


def assert_nothing_left(sweep: ClusterSweep) -> None:
    """Check that nothing is left in the cluster, and no process on this machine."""
    sweep.driver = None
    sweep.wait_until(lambda: not sweep.world.leftovers())
    sweep.wait_until(lambda: not sweep.processes())
