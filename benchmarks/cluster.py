"""Many concurrent trials on a Kubernetes cluster: the driver's processor, memory and requests.

Usage: python benchmarks/cluster.py [--concurrency 500] [--trials 100,500,2000] [--seconds 30]

The cluster is `sweepwright.testing.kubernetes`, in a process of its own and with TLS. Its pods are
scripts that report every 3 s; one in five prints text as well. So only the driver is measured.
The last part runs real pods: no-op trials, each with its agent, compared with the platform local.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sweepwright.core.store.catalog import Store
from sweepwright.core.store.entries import EventEntry
from sweepwright.core.store.journal_reader import JournalReader
from sweepwright.events import Reported

sys.path.insert(0, str(Path(__file__).parents[1]))  # the parts are modules of `benchmarks`

from benchmarks.latency import times

ROOT = Path(__file__).parents[1]
INTERVAL = 3.0
"""Seconds between two reports of a trial."""
WINDOW = 10.0
"""Seconds over which the busiest time of the driver is looked for."""
OF_TRIALS = ("create pytorchjobs", "delete pytorchjobs", "get pytorchjobs", "pods/log")
"""Ends of the names of requests that concern one trial; the others concern the sweep."""
WARM = 3
"""Trials after which the platforms are compared."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used until a moment."""

    time: float
    processor: float
    """Seconds."""
    peak: int
    """Largest resident memory so far, in bytes."""
    threads: int


class ScriptedCluster:
    """A cluster in a process of its own."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.kubeconfig = folder / "config"
        self._process = process

    def take_counts(self) -> Counter[str]:
        """Return the requests since the last call, by verb and resource."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(file=self._process.stdin, flush=True)
        counts = json.loads(self._process.stdout.readline())
        return Counter({f"{verb} {resource}": number for (verb, resource), number in counts})


def main() -> None:
    """Measure everything once, and print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--concurrency", type=int, default=500, help="trials at the same time")
    options.add_argument("--trials", default="100,500,2000", help="trials of the sweeps")
    options.add_argument("--seconds", type=float, default=30, help="duration of a trial")
    options.add_argument("--rate", type=float, help="requests a second; by default the platform's")
    options.add_argument("--real", type=int, default=20, help="trials in real pods; 0 skips them")
    chosen = options.parse_args()
    more = [] if chosen.rate is None else [f"platform.requests_per_second={chosen.rate}"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with cluster(folder / "scripted", f"--seconds={chosen.seconds}") as scripted:
            for trials in map(int, filter(None, chosen.trials.split(","))):
                store = folder / f"sweep-{trials}"
                print_sweep(store, scripted, trials, min(trials, chosen.concurrency), more)
        if chosen.real:
            print_overhead(folder, chosen.real)


def print_sweep(
    store: Path, scripted: ScriptedCluster, trials: int, concurrency: int, more: list[str]
) -> None:
    """Print what the driver uses for a sweep, and what it asks of the API server."""
    scripted.take_counts()
    size = [f"max_trials={trials}", f"concurrency={concurrency}"]
    given = [*arguments(scripted), "framework=pytorch", *size, *more]
    usage = driven(store, given)
    seconds = usage[-1].time - usage[0].time
    processor = usage[-1].processor
    opened, spoke = times(Store(store).find())
    started = sorted(spoke.values())[concurrency - 1] - min(opened.values()) - INTERVAL
    print(f"{trials} trials, {concurrency} at a time: {seconds:.0f} s")
    print(f"  all slots started after{started:>8.1f} s")
    print(f"  trials a second        {trials / seconds:>8.1f}")
    print(f"  processor, whole sweep {processor / seconds:>8.2f} of a core")
    print(f"  processor, busiest     {busiest(usage):>8.2f} of a core for {WINDOW:.0f} s")
    print(f"  processor a trial      {1000 * processor / trials:>8.1f} ms")
    print(f"  peak memory            {usage[-1].peak / 1e6:>8.0f} MB")
    print(f"  threads, most          {max(each.threads for each in usage):>8}")
    print(f"  report to journal      {1000 * report_seconds(store):>8.0f} ms (median)")
    print_counts(scripted.take_counts(), trials)


def print_counts(counts: Counter[str], trials: int) -> None:
    """Print the requests for each trial, and how many more there were for the whole sweep."""
    own = {name: number for name, number in counts.items() if name.endswith(OF_TRIALS)}
    print(f"  requests a trial       {sum(own.values()) / trials:>8.2f}")
    for name, number in sorted(own.items()):
        print(f"    {name:<21}{number / trials:>8.2f}")
    print(f"  requests of the sweep  {counts.total() - sum(own.values()):>8}\n", flush=True)


def arguments(scripted: ScriptedCluster) -> list[str]:
    """Return the arguments of a sweep of no-op trials on a cluster."""
    return [
        "trial=noop",
        "tuner=random",
        "platform=kubeflow",
        "platform.image=trial:1",
        f"platform.kubeconfig={scripted.kubeconfig}",
    ]


def driven(store: Path, given: list[str]) -> list[Usage]:
    """Run a sweep, and return what its driver used, every half second."""
    argv = [sys.executable, str(ROOT / "run.py"), *given, f"store.path={store}", "--quiet"]
    driver = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    usage = [Usage(time.time(), 0.0, 0, 1)]
    while (found := read_usage(driver.pid)) is not None:
        usage.append(found)
        time.sleep(0.5)
    if driver.wait():
        raise SystemExit(f"the sweep ended with exit code {driver.returncode}")
    return usage


def read_usage(process: int) -> Usage | None:
    """Read what a process has used; None once it has ended."""
    folder = Path(f"/proc/{process}")
    figures = (folder / "stat").read_text().rpartition(")")[2].split()
    state, user, system, threads = (figures[index] for index in (0, 11, 12, 17))
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    if state == "Z" or "VmHWM" not in status:
        return None
    spent = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    peak = 1024 * int(status["VmHWM"].split()[0])
    return Usage(time.time(), spent, peak, int(threads))


def busiest(usage: list[Usage]) -> float:
    """Return the largest share of a core within any `WINDOW` seconds."""
    shares = [usage[-1].processor / (usage[-1].time - usage[0].time)]
    first = 0
    for each in usage:
        while usage[first + 1].time <= each.time - WINDOW:
            first += 1
        if each.time - usage[first].time >= WINDOW:
            spent = each.processor - usage[first].processor
            shares.append(spent / (each.time - usage[first].time))
    return max(shares)


def report_seconds(store: Path) -> float:
    """Return the median time from a report of a pod to its entry in the journal."""
    with closing(JournalReader(Store(store).find())) as reader:
        waits: list[float] = [
            entry.time - entry.event.metrics["written"]
            for entry in reader.entries()
            if isinstance(entry, EventEntry) and isinstance(entry.event, Reported)
        ]
    return statistics.median(waits)


def print_overhead(folder: Path, trials: int) -> None:
    """Print how long a trial takes from `ask` to its first line, in a pod and on this machine."""
    median = {}
    with cluster(folder / "real", "--processes") as real:
        given = {"local": ["trial=noop", "tuner=random"], "kubeflow": arguments(real)}
        for platform, chosen in given.items():
            store = folder / platform
            more = ["framework=python", "concurrency=1", f"max_trials={trials}"]
            driven(store, [*chosen, *more])
            opened, spoke = times(Store(store).find())
            waits = [spoke[trial] - opened[trial] for trial in opened][WARM:]
            median[platform] = 1000 * statistics.median(waits)
            print(f"no-op trial, {platform:<10}{median[platform]:>8.0f} ms to its first line")
    print(f"kubeflow / local = {median['kubeflow'] / median['local']:.0f}")


@contextmanager
def cluster(folder: Path, *given: str) -> Iterator[ScriptedCluster]:
    """Run a cluster in a process of its own."""
    folder.mkdir()
    argv = [sys.executable, str(ROOT / "benchmarks" / "scripted_cluster.py"), str(folder), *given]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield ScriptedCluster(folder, process)
    finally:
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    main()
