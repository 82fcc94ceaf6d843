"""From `ask` to a trial's first line, when the trial's framework is slow to import.

Usage: python benchmarks/latency.py [--preload torch] [--trials 500]

Runs a sweep of no-op trials on ``framework=python`` with a module imported beforehand, reads
the times from its journal, and prints them beside a fresh interpreter that imports the module.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sweepwright.core.journal import JournalReader
from sweepwright.core.store import Store

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Measure one preload and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--preload", default="torch", help="module that trials find imported")
    options.add_argument("--trials", type=int, default=500)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sweep(Path(folder), chosen.preload, chosen.trials)
        opened, spoke = times(Store(Path(folder)).find())
    waits = [1000 * (spoke[trial] - opened[trial]) for trial in opened][10:]
    fresh = 1000 * fresh_seconds(chosen.preload)
    middle = statistics.median(waits)
    ended = sorted(spoke.values())[10:]
    rate = (len(ended) - 1) / (ended[-1] - ended[0])
    print(f"{'a fresh interpreter that imports ' + chosen.preload:<50}{fresh:>9.1f} ms")
    print(
        f"{'from ask to the first line, median':<50}{middle:>9.1f} ms   {fresh / middle:.0f} times"
    )
    print(f"{'from ask to the first line, 99 in 100':<50}{percentile(waits, 99):>9.1f} ms")
    print(f"{'no-op trials':<50}{rate:>9.0f} a second")


def sweep(store: Path, preload: str, trials: int) -> None:
    """Run no-op trials that find a module imported."""
    arguments = [
        "trial=noop",
        f"framework.preload=[{preload}]",
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
    reader = JournalReader(folder)
    for row in reader.rows():
        if row.trial is not None and row.kind in ("opened", "reported"):
            (opened if row.kind == "opened" else spoke).setdefault(row.trial, row.time)
    reader.close()
    return opened, spoke


def fresh_seconds(module: str) -> float:
    """Return the seconds that a fresh interpreter needs to import a module, the best of three."""
    spent = []
    for _ in range(3):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        spent.append(time.perf_counter() - begin)
    return min(spent)


def percentile(values: list[float], percent: int) -> float:
    """Return a percentile of at least a hundred values."""
    return statistics.quantiles(values, n=100)[percent - 1]


if __name__ == "__main__":
    main()
