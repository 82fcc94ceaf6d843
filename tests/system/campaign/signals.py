"""Signals to commands, from their first instruction to their last."""

import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.system.campaign.runs import Grounds, Observed
from tests.system.campaign.verdicts import Verdict
from tests.system.sweeps import exported, start

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 143}
COMMANDS = ("run", "run", "run", "resume", "multirun", "plan", "show")
TRIALS = 12
SWEEPS = "[!.]*/journal.sqlite"
STARTING = "<frozen site>"
"""What the interpreter prints if a signal interrupts it before it runs any code of ours."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A signal to a command, a while after its start."""

    command: str
    signal: signal.Signals
    seconds: float
    twice: bool = False

    def __str__(self) -> str:
        """Name the command, the signal and the moment."""
        often = " twice" if self.twice else ""
        return f"{self.command}, {self.signal.name}{often} after {self.seconds:.3f} s"


def moments(count: int, seed: int) -> Iterator[Moment]:
    """Yield commands and signals; half of the signals come within the first half second."""
    drawn = random.Random(seed)  # noqa: S311 - no secret
    for number in range(count):
        seconds = drawn.uniform(0.01, 0.5) if number % 2 else drawn.uniform(0.4, 2.0)
        sent = list(CODES)[number % len(CODES)]
        yield Moment(COMMANDS[number % len(COMMANDS)], sent, seconds, twice=number % 5 == 4)


def interrupt(grounds: Grounds, moment: Moment) -> Verdict:
    """Send a signal to a command, and go on with its sweep."""
    observed = Observed()
    store = grounds.store("".join(c if c.isalnum() else "-" for c in str(moment)))
    arguments = grounds.arguments(store, "hashed", TRIALS)
    if moment.command == "resume":
        first = start(arguments, grounds.environment)
        time.sleep(1.0)
        first.send_signal(signal.SIGINT)
        observed.ended(first, [0, 130])
    process = start(_command(moment, arguments, str(store)), grounds.environment)
    for _ in range(1 + moment.twice):
        time.sleep(moment.seconds)
        process.send_signal(moment.signal)
    # A command that has ended before the signal returns 0, or 2 where there is no sweep. Before
    # our first statement and after the last, the signal itself ends the process; shells turn this
    # into the same exit code.
    finished = [] if any(store.glob(SWEEPS)) else [2]
    observed.ended(process, [CODES[moment.signal], -moment.signal, 0, *finished])
    if STARTING in observed.printed[-1]:
        return Verdict("signals", f"{moment}: before our first statement", states=0)
    if moment.command in ("run", "resume") and any(store.glob(SWEEPS)):
        observed.ended(grounds.resume(store, observed), [0])
        rows = exported(store, grounds.environment)
        if {row["number"] for row in rows} != set(range(TRIALS)):
            observed.faults.add("lost")
        grounds.judge(store, "hashed", TRIALS, observed)
    return Verdict("signals", str(moment), sorted(observed.faults), observed.detail)


def _command(moment: Moment, arguments: list[str], store: str) -> list[str]:
    match moment.command:
        case "run":
            return arguments
        case "multirun":
            varied = [a for a in arguments if not a.startswith("seed=")]
            return ["--multirun", "seed=1,2", *varied]
        case "plan":
            return ["plan", *(a for a in arguments if a != "--quiet")]
        case _:
            return [moment.command, f"store.path={store}"]
