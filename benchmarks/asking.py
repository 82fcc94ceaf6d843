"""What a sweep of real trials loses to asking its tuner, and how responsive its driver stays.

Usage: python benchmarks/asking.py [--tuners random tpe gp] [--slots 8 16] [--trials 200]
           [--seconds 1] [--interrupts 3]

Each sweep is driven by the real driver; its trials sleep, so the machine is idle but for the
driver and the start of trials. Figures: the share of the slots' time that is lost while the tuner
is asked; the share in which slots are empty for any reason; the longest asks and the longest
absences of the driver between two polls; the time from a report to its entry in the journal, for
all reports and for those that are sent while the tuner is asked; and the time from a Ctrl-C, which
is sent while the tuner is asked, until the driver heeds it.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from itertools import accumulate
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))  # the parts are modules of `benchmarks`

from benchmarks.slots.figures import (
    Ask,
    asks_of,
    delays_during,
    idle_share,
    lost_to_asking,
    pauses_of,
    read_notes,
    read_spans,
)
from benchmarks.slots.timed_driver import ASKS, DRAINS

ROOT = Path(__file__).parents[1]
SPACE = """
rate: loguniform(1e-5, 1)
layers: int(1, 10)
activation: choice(relu, tanh, gelu)
"""
TRIAL = f"""
defaults:
  - override /framework@_global_.framework: python
name: sleeping
entries:
  python: {ROOT / "benchmarks" / "slots" / "trial.py"}
seconds: 1
"""
EARLIEST_INTERRUPT = 0.5
"""Share of the trials after which Ctrl-C is sent."""


def main() -> None:
    """Measure each tuner with each number of slots, and print tables."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--tuners", nargs="+", default=["random", "tpe", "gp"])
    options.add_argument("--slots", nargs="+", type=int, default=[8, 16])
    options.add_argument("--trials", type=int, default=200)
    options.add_argument("--seconds", type=float, default=1.0, help="duration of a trial")
    options.add_argument("--interrupts", type=int, default=3, help="sweeps that end by Ctrl-C")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_configuration(folder)
        for slots in chosen.slots:
            print(f"{chosen.trials} trials of {chosen.seconds:g} s on {slots} slots")
            for tuner in chosen.tuners:
                place = folder / f"{tuner}-{slots}"
                print_sweep(place, sweep_arguments(folder, tuner, slots, chosen), slots)
                delays = [
                    interrupt_delay(
                        folder / f"{tuner}-{slots}-{i}",
                        sweep_arguments(folder, tuner, slots, chosen),
                        int(chosen.trials * EARLIEST_INTERRUPT),
                    )
                    for i in range(chosen.interrupts)
                ]
                if delays:
                    print(f"  heeds Ctrl-C after     {in_ms(delays)}")


def write_configuration(folder: Path) -> None:
    """Write the space and the trial to a folder of configuration."""
    numbers = "".join(f"x{i}: uniform(0, 1)\n" for i in range(6))
    for group, text in (("space", numbers + SPACE), ("trial", TRIAL)):
        (folder / group).mkdir()
        (folder / group / "sleeping.yaml").write_text(text)


def sweep_arguments(folder: Path, tuner: str, slots: int, chosen: argparse.Namespace) -> list[str]:
    """Return the arguments of a sweep, but for its store."""
    return [
        f"--config-dir={folder}",
        "space=sleeping",
        "trial=sleeping",
        f"trial.seconds={chosen.seconds}",
        f"tuner={tuner}",
        "objective.direction=minimize",
        f"concurrency={slots}",
        f"max_trials={chosen.trials}",
        "--quiet",
    ]


def start(place: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
    """Start a timed driver, with its store and its record in a folder."""
    place.mkdir()
    argv = [sys.executable, "-m", "benchmarks.slots.timed_driver", str(place / "record")]
    argv += [*arguments, f"store.path={place / 'store'}"]
    return subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.DEVNULL)


def print_sweep(place: Path, arguments: list[str], slots: int) -> None:
    """Run a sweep to its end, and print its figures."""
    if code := start(place, arguments).wait():
        raise SystemExit(f"the sweep ended with exit code {code}")
    notes, spans = read_notes(place / "record"), read_spans(place / "store")
    asks = asks_of(notes)
    during = list(delays_during(spans, asks))
    print(f"- {place.name.rpartition('-')[0]}")
    print(f"  lost to asking         {lost_to_asking(asks, slots):.2%} of the slots' time")
    print(f"  slots are empty for    {idle_share(spans, slots):.2%} of the time")
    print(f"  an ask of {len(asks):<13}{in_ms(ask.end - ask.begin for ask in asks)}")
    print(f"  the longest asks       {longest(asks)}")
    print(f"  between two polls      {in_ms(pauses_of(notes))}")
    print(f"  report to its entry    {in_ms(after - sent for sent, after in spans.reports)}")
    print(f"  {len(during):>4} sent while asking {in_ms(during)}")


def longest(asks: Sequence[Ask], count: int = 3) -> str:
    """Render the longest asks, with the trial that each opened first: a first ask imports."""
    firsts = accumulate((ask.opened for ask in asks), initial=0)
    timed = [(ask.end - ask.begin, first) for ask, first in zip(asks, firsts, strict=False)]
    slowest = sorted(timed, reverse=True)[:count]
    return ", ".join(f"{1000 * seconds:.0f} ms (trial {first})" for seconds, first in slowest)


def in_ms(seconds: Iterable[float]) -> str:
    """Render the median and the longest of some times."""
    times = [1000 * each for each in seconds]
    return f"median {median(times):.1f} ms, at most {max(times):.1f} ms" if times else "none"


def interrupt_delay(place: Path, arguments: list[str], trials: int) -> float:
    """Send Ctrl-C in the middle of an ask after so many trials; return when it was heeded."""
    driver = start(place, arguments)
    sent = 0.0
    while driver.poll() is None and not sent:
        if asking_after(place / "record", trials):
            sent = time.time()
            os.kill(driver.pid, signal.SIGINT)
        time.sleep(0.0005)
    driver.wait()
    return next(note.time for note in read_notes(place / "record") if note.what == DRAINS) - sent


def asking_after(record: Path, trials: int) -> bool:
    """Tell whether the tuner is being asked, after so many trials or more."""
    notes = read_notes(record) if record.exists() else []
    opened = sum(note.count for note in notes)
    return bool(notes) and opened >= trials and notes[-1].what == ASKS


if __name__ == "__main__":
    main()
