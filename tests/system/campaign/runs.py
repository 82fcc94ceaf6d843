"""Commands that a state of the campaign runs, and how their ends are judged."""

import subprocess
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweepwright.core.store.entries import EventEntry
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.core.store.store_errors import StoreError
from sweepwright.events import Failed, FailureKind, Lost, Measured, Retried, Stopped
from tests.forked_commands import ForkedCommand
from tests.system.sweeps import command, exported, finish_afresh, offer_tuners, remaining, start

SECONDS = 120
"""Longest time that a command may take."""
MACHINE = {FailureKind.LAUNCH, FailureKind.LOST, FailureKind.KILLED, FailureKind.MEMORY}
"""Failure classes that flaky trials themselves never cause."""


@dataclass(slots=True)
class Observed:
    """What the commands of one state have shown so far."""

    faults: set[str] = field(default_factory=set)
    printed: list[str] = field(default_factory=list)

    def ended(self, process: ForkedCommand, codes: Sequence[int]) -> int:
        """Wait for a command, and check its exit code and what it printed."""
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            self.faults.add("exit")
        code = process.wait()
        self.printed.append(f"exit code {code}: {output[-1500:]}")
        if code not in codes:
            self.faults.add("exit")
        if "Traceback (most recent call last)" in output or "panic" in output:
            self.faults.add("traceback")
        if code > 0 and not output.strip():
            self.faults.add("silent")
        return code

    @property
    def detail(self) -> str:
        """What the commands printed, if there was a fault."""
        return "\n".join(self.printed) if self.faults else ""


class Grounds:
    """The folder of a campaign, and the undisturbed sweeps that others are compared with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = offer_tuners(folder / "site")
        self._calm: dict[tuple[str, int], list[Any]] = {}
        self._lock = threading.Lock()

    def store(self, name: str) -> Path:
        """Return the path of a store for one state."""
        return self.folder / "stores" / name

    def arguments(self, store: Path, tuner: str, trials: int) -> list[str]:
        """Return the command of a sweep whose trials may be killed or lost without a limit."""
        generous = ["retries.killed=99", "retries.lost=99"]
        return [*command(store, tuner, trials), *generous]

    def calm(self, tuner: str, trials: int) -> list[Any]:
        """Return the results of an undisturbed sweep, which runs at the first call."""
        with self._lock:
            if (tuner, trials) not in self._calm:
                store = self.store(f"calm-{tuner}-{trials}")
                finish_afresh(self.arguments(store, tuner, trials), self.environment)
                self._calm[tuner, trials] = results(exported(store, self.environment))
            return self._calm[tuner, trials]

    def resume(
        self, store: Path, observed: Observed, environment: Mapping[str, str] | None = None
    ) -> ForkedCommand:
        """Start a command that goes on with the only sweep of a store."""
        arguments = ["resume", f"store.path={store}", "--quiet"]
        observed.printed.append("resume")
        return start(arguments, environment or self.environment)

    def judge(self, store: Path, tuner: str, trials: int, observed: Observed) -> None:
        """Compare a sweep that has been driven to its end with an undisturbed one."""
        rows = exported(store, self.environment)
        if {row["number"] for row in rows} != set(range(trials)):
            observed.faults.add("lost")
        if results(rows) != self.calm(tuner, trials):
            observed.faults.add("different")
            observed.printed.append(f"{results(rows)}\ninstead of\n{self.calm(tuner, trials)}")
        observed.faults |= _faults_of_journal(store)
        if left := remaining(store):
            observed.faults.add("orphan")
            observed.printed.append(f"left: {left}")


def results(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Reduce an export to what must not depend on time."""
    return [[row["number"], row["state"], row["assignment"], row["value"]] for row in rows]


def _faults_of_journal(store: Path) -> set[str]:
    """Find results that were recorded twice, and failures for which no trial is to blame."""
    faults: set[str] = set()
    for folder in (path.parent for path in store.glob("[!.]*/journal.sqlite")):
        ends: Counter[tuple[int, float | None]] = Counter()
        try:
            with closing(JournalReader(folder)) as reader:
                events = [e.event for e in reader.entries() if isinstance(e, EventEntry)]
        except StoreError:
            return {"silent"}
        for event in events:
            if isinstance(event, Measured | Stopped | Failed | Lost):
                ends[event.trial.number, event.trial.budget] += 1
            if isinstance(event, Failed | Lost) and event.failure.kind in MACHINE:
                faults.add("spent")
            if isinstance(event, Retried) and event.counted and event.failure.kind in MACHINE:
                faults.add("retried")
        if any(count > 1 for count in ends.values()):
            faults.add("doubled")
    return faults
