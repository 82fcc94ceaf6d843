"""Every experiment on digits, run as its user would: time, trials, best, and start of a trial.

Usage: python benchmarks/examples.py [--trials 4] [NAME ...]

Without ``--trials`` each has its usual number of trials. The start is the median time from `ask`
to the news that a trial's processes run, once the sweep is warm; `latency.py` measures to their
first line. A fresh interpreter that imports the same is timed in the same run.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))  # the parts are modules of `benchmarks`

from benchmarks.latency import IMPORTS, fresh_seconds
from sweepwright.core.store.catalog import Store
from sweepwright.core.store.entries import EventEntry
from sweepwright.core.store.history import read_history
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.events import Opened, Started

ROOT = Path(__file__).parents[1]
EXPERIMENTS = {
    "mnist": ("pytorch", "tensorflow"),
    "mnist_assessor": ("pytorch", "tensorflow"),
    "mnist_keras": ("keras",),
    "mnist_batch_keras": ("keras",),
    "mnist_hyperband": ("pytorch",),
    "mnist_nested": ("pytorch",),
    "mnist_distributed_pytorch": ("pytorch",),
    "mnist_distributed_tf": ("tensorflow",),
}
"""By experiment, the frameworks that it can be run on."""
WARM = 2
"""Trials of a sweep after which the fork server has imported all."""


class Row(NamedTuple):
    """What became of one sweep."""

    seconds: float
    trials: int
    best: float
    test: float
    started: float
    """Milliseconds from `ask` until the processes of a trial run, median."""


def main() -> None:
    """Run what is asked for and print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", help="experiments; default: all")
    options.add_argument("--trials", type=int, help="default: the usual number of each")
    chosen = options.parse_args()
    print(
        f"{'experiment':<28}{'framework':<12}{'time':>8}{'trials':>8}{'best':>8}{'test':>8}"
        f"{'start':>11}{'fresh':>11}"
    )
    for name in chosen.names or EXPERIMENTS:
        for framework in EXPERIMENTS[name]:
            row = measure(name, framework, chosen.trials)
            print(
                f"{name:<28}{framework:<12}{row.seconds:>6.1f} s{row.trials:>8}{row.best:>8.3f}"
                f"{row.test:>8.3f}{row.started:>8.1f} ms"
                f"{1000 * fresh_seconds(IMPORTS[framework]):>8.0f} ms",
                flush=True,
            )


def measure(name: str, framework: str, trials: int | None) -> Row:
    """Run one sweep in a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        given = [f"max_trials={trials}"] if trials else []
        argv = [
            *(sys.executable, str(ROOT / "run.py"), f"+experiment={name}"),
            *(f"framework={framework}", f"store.path={folder}", "--quiet", *given),
        ]
        begin = time.perf_counter()
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - begin
        sweep = Store(Path(folder)).find()
        history = read_history(sweep)
        waits = list(starts(sweep))[WARM:]
    best = history.best
    assert best is not None
    assert best.median is not None
    return Row(
        seconds,
        len(history.trials),
        best.median,
        best.metrics["test_accuracy"],
        1000 * statistics.median(waits),
    )


def starts(sweep: Path) -> Iterator[float]:
    """Yield the seconds between the opening of each trial and the news that it runs."""
    opened: dict[int, float] = {}
    with closing(JournalReader(sweep)) as reader:
        for entry in reader.entries():
            match entry:
                case EventEntry(Opened(trial)):
                    opened[trial.number] = entry.time
                case EventEntry(Started(trial)) if trial.number in opened:
                    yield entry.time - opened.pop(trial.number)


if __name__ == "__main__":
    main()
