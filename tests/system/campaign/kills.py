"""Kills at random moments, and at single system calls."""

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.forked_commands import ForkedCommand
from tests.system.campaign.runs import Grounds, Observed
from tests.system.campaign.verdicts import Verdict
from tests.system.faults.library import Fault, with_faults
from tests.system.sweeps import start, wait_for_a_trial

VICTIMS = ("driver", "root", "keeper", "trial", "driver and root", "everything")
KILLED_TUNERS = ("random", "tpe", "hyperband", "asha", "pbt")
TRIALS = 30
KILLS_A_SWEEP = 6
SHORT = 8
"""Number of trials in a sweep that is killed at one system call."""


def random_kills(count: int, seed: int) -> Iterator[tuple[str, str, int]]:
    """Yield tuner, victim and seed of sweeps in which `count` kills happen in all."""
    for number in range(-(-count // KILLS_A_SWEEP)):
        tuner = KILLED_TUNERS[number % len(KILLED_TUNERS)]
        yield tuner, VICTIMS[number % len(VICTIMS)], seed + number


def kill_at_random(grounds: Grounds, state: tuple[str, str, int]) -> Verdict:
    """Kill processes of a sweep at random moments, and resume it until it has ended."""
    tuner, victim, seed = state
    moments = random.Random(seed)  # noqa: S311 - no secret
    observed, store = Observed(), grounds.store(f"kills-{seed}")
    driver = start(grounds.arguments(store, tuner, TRIALS), grounds.environment)
    kills = 0
    while kills < KILLS_A_SWEEP:
        wait_for_a_trial(store)
        time.sleep(moments.uniform(0, 0.6))
        kills += _kill(driver, victim, moments)
        if driver.poll() == 0:
            break
        if "driver" in victim or victim == "everything":
            observed.ended(driver, [-signal.SIGKILL, 0])
            driver = grounds.resume(store, observed)
    while observed.ended(driver, [0, -signal.SIGKILL]) == -signal.SIGKILL:
        driver = grounds.resume(store, observed)
    grounds.judge(store, tuner, TRIALS, observed)
    observed.faults.discard("retried")  # a trial that was killed is tried again
    name = f"{tuner}, {victim}, seed {seed}"
    return Verdict("kills", name, sorted(observed.faults), observed.detail, kills)


def _kill(driver: ForkedCommand, victim: str, moments: random.Random) -> int:
    """Kill the chosen processes of a sweep; return 1, or 0 if there is none."""
    chosen = list(_victims(driver, victim, moments))
    for process in chosen:
        try:
            process.kill()
        except psutil.Error:
            continue
    return min(1, len(chosen))


def _victims(driver: ForkedCommand, victim: str, moments: random.Random) -> list[psutil.Process]:
    try:
        top = psutil.Process(driver.pid)
        roots = top.children()
        keepers = [keeper for root in roots for keeper in root.children()]
        trials = [trial for keeper in keepers for trial in keeper.children()]
    except psutil.Error:
        return []
    match victim:
        case "driver":
            return [top]
        case "root":
            return roots[:1]
        case "keeper" | "trial":
            some = keepers if victim == "keeper" else trials
            return [moments.choice(some)] if some else []
        case "driver and root":
            return [top, *roots]
        case _:
            return [top, *roots, *keepers, *trials]


_DRIVER_CALLS = {
    ("write", "journal.sqlite"): 75,
    ("fsync", "journal.sqlite"): 30,
    ("open", "/journal.sqlite"): 6,
    ("mkdir", "/stores/"): 3,
    ("rename", "/stores/"): 3,
    ("fsync", "/stores/"): 16,
    ("unlink", "/stores/"): 3,
    ("flock", "/stores/"): 2,
    ("send", ""): 40,
    ("socketpair", ""): 5,
    ("mkfifo", "/stores/"): 8,
}
"""Calls of a driver, and the number of the last one at which it is killed."""
_SERVER_CALLS = {
    ("mkdir", "/trials/"): 8,
    ("open", "/trials/"): 32,
    ("fork", ""): 16,
    ("send", ""): 24,
    ("rename", "/trials/"): 2,
}


def system_calls(count: int) -> list[Fault]:
    """Return at most `count` system calls at which a process kills itself, evenly chosen."""
    every = [
        Fault(process, call, None, path, first)
        for process, calls in (("driver", _DRIVER_CALLS), ("server", _SERVER_CALLS))
        for (call, path), last in calls.items()
        for first in range(1, last + 1)
    ]
    count = min(count, len(every))
    return [every[number * len(every) // count] for number in range(count)]


def kill_at_call(grounds: Grounds, fault: Fault) -> Verdict:
    """Kill a process of a sweep at one system call, and resume the sweep until it has ended."""
    name = f"{fault.process} at {fault.call} {fault.path} {fault.first}"
    observed, store = Observed(), grounds.store("".join(c if c.isalnum() else "-" for c in name))
    arguments = grounds.arguments(store, "hashed", SHORT)
    log = grounds.folder / f"{store.name}.log"
    driver = start(arguments, with_faults(grounds.environment, [fault], log))
    code = observed.ended(driver, [0, -signal.SIGKILL])
    if code:
        observed.ended(_go_on(grounds, store, arguments, observed), [0])
    grounds.judge(store, "hashed", SHORT, observed)
    observed.faults.discard("retried")
    happened = int(log.exists())
    return Verdict("system calls", name, sorted(observed.faults), observed.detail, happened)


def _go_on(
    grounds: Grounds, store: Path, arguments: list[str], observed: Observed
) -> ForkedCommand:
    """Resume a sweep, or begin it if its driver died before the sweep existed."""
    if any(store.glob("[!.]*/journal.sqlite")):
        return grounds.resume(store, observed)
    return start(arguments, grounds.environment)
