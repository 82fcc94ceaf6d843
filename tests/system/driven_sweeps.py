"""Sweeps whose trials run elsewhere, from the command line, and how they must end."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sweepwright.core.store.entries import EventEntry
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.events import Failed, Lost, Measured, Started, Stopped, StudyEvent
from tests.forked_commands import ForkedCommand, run_forked
from tests.system.sweeps import exported

FLAKY = Path(__file__).with_name("flaky_trial.py")
JOURNALS = "[!.]*/journal.sqlite"
"""Paths of journals in a store."""
SECONDS = 90
"""Longest time that a command or an event may take."""


class DrivenSweep:
    """A sweep in a folder, and the driver that was started last; its fields are a dataclass's."""

    folder: Path
    environment: dict[str, str]
    tuner: str
    overrides: tuple[str, ...]
    driver: ForkedCommand | None

    @property
    def code(self) -> Path:
        """The trial's folder."""
        return self.folder / "code"

    @property
    def store(self) -> Path:
        """The store of the sweep."""
        return self.folder / "store"

    def resume(self) -> ForkedCommand:
        """Continue the sweep in another driver."""
        return self.command(["resume", f"store.path={self.store}"])

    def rows(self) -> list[dict[str, Any]]:
        """Export the sweep."""
        return exported(self.store, self.environment)

    def outcome(self) -> Sequence[tuple[Any, ...]]:
        """Reduce the export to what must not depend on time."""
        return [(r["number"], r["state"], r["assignment"], r["value"]) for r in self.rows()]

    def events(self) -> list[StudyEvent]:
        """Read the events of the journal."""
        (folder,) = (path.parent for path in self.store.glob(JOURNALS))
        with closing(JournalReader(folder)) as reader:
            return [entry.event for entry in reader.entries() if isinstance(entry, EventEntry)]

    def close(self) -> None:
        """Kill the last driver, if a test has failed."""
        if self.driver:
            self.driver.kill()
            self.driver.communicate()

    def cleanup(self) -> str:
        """End and remove what the sweep has left elsewhere."""
        words = ["cleanup", "--unfinished", f"store.path={self.store}"]
        done = run_forked(words, self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait_until(self, condition: Callable[[], Any]) -> None:
        """Wait until something is true, as long as the driver runs."""
        deadline = time.monotonic() + SECONDS
        ended = False
        while not condition():
            if ended or time.monotonic() > deadline:
                said = self.driver.read_output() if self.driver else ""
                pytest.fail(f"what is waited for does not happen; the driver said:\n{said}")
            time.sleep(0.01)
            # What it did before its end may be what is waited for, so this comes before the look.
            ended = self.driver is not None and self.driver.poll() is not None

    def wait_until_started(self, attempts: int) -> None:
        """Wait until the journal has the starts of so many attempts.

        An attempt may run for a while before its driver hears of that. If the driver never does,
        it may let the attempt begin again, elsewhere, and count no retry.
        """
        self.wait_until(lambda: self._count_starts() == attempts)

    def _count_starts(self) -> int:
        if not list(self.store.glob(JOURNALS)):
            return 0
        return sum(isinstance(event, Started) for event in self.events())

    def command(self, words: Sequence[str]) -> ForkedCommand:
        """Start a command of the sweep, which becomes its driver."""
        self.driver = ForkedCommand(words, self.environment, self.folder, merged=True)
        return self.driver

    def arguments(self) -> list[str]:
        """Return the arguments of the sweep apart from those of its platform."""
        return [
            "framework=python",
            f"+trial.entries.python={self.code / 'trial.py'}",
            f"trial.folder={self.code}",
            *(f"+silence.{code}='the trials read one parameter'" for code in ("T105", "B102")),
            f"tuner={self.tuner}",
            "reproducible=true",
            "retries.error=1",
            "retries.killed=0",
            "seed=11",
            f"store.path={self.store}",
            *self.overrides,
        ]


def output_of(command: ForkedCommand, code: int = 0) -> str:
    """Wait for a command, check its end, and return what it has printed."""
    printed, _ = command.communicate(SECONDS)
    assert command.returncode == code, printed
    assert "Traceback" not in printed
    return printed


def count_attempts(meeting: Path) -> Counter[int]:
    """Count the attempts of each gated trial that began, by the files that they leave."""
    files = meeting.glob("began-*")
    return Counter({int(f.name.partition("-")[2]): f.read_text().count("\n") for f in files})


def assert_results(sweep: DrivenSweep, trials: int) -> None:
    """Check that each trial has one result for each budget."""
    rows = sweep.rows()
    assert [row["number"] for row in rows] == list(range(trials))
    assert {row["state"] for row in rows} <= {"measured", "failed"}, rows
    ends = Counter(
        (event.trial.number, event.trial.budget)
        for event in sweep.events()
        if isinstance(event, Measured | Stopped | Failed | Lost)
    )
    assert set(ends.values()) == {1}
