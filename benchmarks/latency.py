"""From `ask` to a trial's first line, for frameworks that are slow to import.

Usage: python benchmarks/latency.py [--frameworks pytorch,tensorflow,keras] [--trials 200]

Runs a sweep of no-op trials on each framework, reads the times from its journal, and prints
them beside a fresh interpreter that imports what those trials find imported.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from sweepwright.core.store.catalog import Store
from sweepwright.core.store.entries import EventEntry
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.events import Opened, Reported

ROOT = Path(__file__).parents[1]
IMPORTS = {
    "sklearn": "sklearn.neural_network",
    "pytorch": "torch, torch._dynamo",
    "tensorflow": "tensorflow",
    "keras": "keras",
}
"""By framework, what its trials find imported."""
WARM = 10
"""Trials after which the sweep counts as warm."""


def main() -> None:
    """Measure frameworks and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--frameworks", default="pytorch,tensorflow,keras")
    options.add_argument("--trials", type=int, default=200, help="at least 110")
    chosen = options.parse_args()
    print(f"{'':<12}{'fresh':>10}{'median':>11}{'99 in 100':>11}{'times':>7}{'a second':>10}")
    for framework in chosen.frameworks.split(","):
        measure(framework, chosen.trials)


def measure(framework: str, trials: int) -> None:
    """Measure one framework and print its row."""
    with tempfile.TemporaryDirectory() as folder:
        sweep(Path(folder), framework, trials)
        opened, spoke = times(Store(Path(folder)).find())
    waits = [1000 * (spoke[trial] - opened[trial]) for trial in opened][WARM:]
    fresh = 1000 * fresh_seconds(IMPORTS[framework])
    median = statistics.median(waits)
    ended = sorted(spoke.values())[WARM:]
    rate = (len(ended) - 1) / (ended[-1] - ended[0])
    print(
        f"{framework:<12}{fresh:>7.0f} ms{median:>8.1f} ms{percentile(waits, 99):>8.1f} ms"
        f"{fresh / median:>7.0f}{rate:>10.0f}"
    )


def sweep(store: Path, framework: str, trials: int) -> None:
    """Run no-op trials on a framework."""
    arguments = [
        "trial=noop",
        f"framework={framework}",
        f"max_trials={trials}",
        "concurrency=2",
        f"store.path={store}",
        "--quiet",
    ]
    argv = [sys.executable, str(ROOT / "run.py"), *arguments]
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def times(folder: Path) -> tuple[dict[int, float], dict[int, float]]:
    """Read when each trial was opened, and when its first line was read, in unix seconds."""
    opened: dict[int, float] = {}
    spoke: dict[int, float] = {}
    with closing(JournalReader(folder)) as reader:
        for entry in reader.entries():
            match entry:
                case EventEntry(Opened(trial)):
                    opened.setdefault(trial.number, entry.time)
                case EventEntry(Reported(trial)):
                    spoke.setdefault(trial.number, entry.time)
    return opened, spoke


def fresh_seconds(modules: str) -> float:
    """Return the seconds that a fresh interpreter needs for imports, the best of three."""
    spent = []
    for _ in range(3):
        begin = time.perf_counter()
        argv = [sys.executable, "-c", f"import {modules}"]
        subprocess.run(
            argv,
            check=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stderr=subprocess.DEVNULL,
        )
        spent.append(time.perf_counter() - begin)
    return min(spent)


def percentile(values: list[float], percent: int) -> float:
    """Return a percentile of at least a hundred values."""
    return statistics.quantiles(values, n=100)[percent - 1]


if __name__ == "__main__":
    main()
