"""Throughput of the driver on no-op trials, each isolated and durably journaled, and of peers.

Usage: python benchmarks/driver.py [--trials 2000] [--long 20000]

Peers are measured in the same run, because the machine's speed varies: bare ``fork`` and ``exit``
from a process of the fork server's size, the same with scikit-learn imported, and Optuna with
SQLite, which runs the no-op in its own process and isolates nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]

FORKS = """
import os, sys, time
{imports}
count = {count}
begin = time.perf_counter()
for _ in range(count):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
print(count / (time.perf_counter() - begin))
"""

OPTUNA = """
import time, optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(
    storage="sqlite:///{folder}/optuna.db", sampler=optuna.samplers.RandomSampler(seed=0)
)
def objective(trial):
    return trial.suggest_float("lr", 1e-4, 1e-1, log=True)
begin = time.perf_counter()
study.optimize(objective, n_trials={count})
print({count} / (time.perf_counter() - begin))
"""


def main() -> None:
    """Measure everything once, and print tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=2000, help="of the short sweep")
    options.add_argument("--long", type=int, default=20_000, help="of the long sweep; 0 skips it")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print_peers(Path(folder), chosen.trials)
        if chosen.long:
            print_growth(Path(folder), chosen.long)


def print_peers(folder: Path, trials: int) -> None:
    """Print trials per second, of sweepwright and of the peers, and their ratios."""
    ours = sweep(folder / "short", trials)
    rate = steady_rate(ours, 0, trials)
    peers = {
        "fork and exit, bare": measured(FORKS.format(imports="", count=trials)),
        "fork and exit, scikit-learn imported": measured(
            FORKS.format(imports="import sklearn.neural_network, sklearn.datasets", count=trials)
        ),
        "Optuna, SQLite, in its own process": measured(OPTUNA.format(folder=folder, count=200)),
    }
    print(f"{'sweepwright, isolated, journaled':<40}{rate:>8.0f} trials/s")
    for name, peer in peers.items():
        print(f"{name:<40}{peer:>8.0f} trials/s   ours / theirs = {rate / peer:.2f}")


def print_growth(folder: Path, trials: int) -> None:
    """Print how throughput and memory change over a long sweep, and how fast it resumes."""
    path = folder / "long"
    memory: list[tuple[int, int]] = []
    ended = sweep(path, trials, memory)
    early, late = steady_rate(ended, 500, 1500), steady_rate(ended, trials - 1000, trials)
    print(f"\n{trials} trials: {early:.0f} trials/s around trial 1,000, {late:.0f} at the end")
    low, high = at_trial(memory, trials // 10), at_trial(memory, trials)
    growth = (high[1] - low[1]) * 1024 / max(1, high[0] - low[0])
    print(f"memory of the driver: {high[1] / 1024:.0f} MiB at the end, {growth:.0f} bytes a trial")
    print(f"resume: {resume_seconds(path, trials):.2f} s from the command to the first new trial")


def sweep(store: Path, trials: int, memory: list[tuple[int, int]] | None = None) -> list[float]:
    """Run no-op trials; return when each of them ended, in Unix seconds."""
    arguments = [f"max_trials={trials}", "trial=noop", "concurrency=2", f"store.path={store}"]
    driver = subprocess.Popen(
        [sys.executable, str(ROOT / "run.py"), *arguments, "--quiet"], stdout=subprocess.DEVNULL
    )
    while driver.poll() is None:
        time.sleep(0.5)
        if memory is not None:
            memory.append((trials_begun(store), resident_kib(driver.pid)))
    if driver.returncode:
        raise SystemExit(f"the sweep ended with exit code {driver.returncode}")
    return [row["ended"] for row in export(store)]


def export(store: Path) -> list[dict[str, float]]:
    """Return the exported rows of the newest sweep in a store."""
    argv = [sys.executable, str(ROOT / "run.py"), "export", "--format", "jsonl"]
    text = subprocess.run([*argv, f"store.path={store}"], capture_output=True, check=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def steady_rate(ended: list[float], first: int, last: int) -> float:
    """Return trials per second between two trials, which excludes start-up."""
    moments = sorted(ended)[first:last]
    return (len(moments) - 1) / (moments[-1] - moments[0])


def measured(script: str) -> float:
    """Run a peer in a process of its own, and return the rate that it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, check=True
    )
    return float(done.stdout.split()[-1])


def resident_kib(pid: int) -> int:
    """Return the resident memory of a process in KiB; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line), 0)


def trials_begun(store: Path) -> int:
    """Read from the journal how many trials have begun."""
    from sweepwright.core.store.sweep_files import JOURNAL  # noqa: PLC0415 - the peers need no sweepwright

    journals = list(store.glob(f"*/{JOURNAL}"))
    if not journals:
        return 0
    import sqlite3  # noqa: PLC0415 - as above

    with sqlite3.connect(f"{journals[-1].as_uri()}?mode=ro", uri=True) as reader:
        return int(reader.execute("SELECT coalesce(max(trial), 0) FROM events").fetchone()[0])


def at_trial(memory: list[tuple[int, int]], trial: int) -> tuple[int, int]:
    """Return the last sample before a trial at which the driver was alive."""
    return [sample for sample in memory if sample[1] and sample[0] <= trial][-1]


def resume_seconds(store: Path, trials: int) -> float:
    """Resume a finished sweep for one more trial; return the seconds until that trial started."""
    begin = time.time()
    argv = [sys.executable, str(ROOT / "run.py"), "resume", f"max_trials={trials + 1}"]
    subprocess.run(
        [*argv, f"store.path={store}", "--quiet"],
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ,
    )
    return export(store)[-1]["started"] - begin


if __name__ == "__main__":
    main()
