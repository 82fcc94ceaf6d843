"""Measures the cost of one tuner, in a fresh interpreter that imports as little as possible."""

import importlib
import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from time import process_time

from sweepwright.contracts import Problem
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Integer, Real, SearchSpace

from ..problems.spaces import nested_space
from .participants import PEERS, Participant, participant

WARM, REPEATS = 3, 30
"""Number of asks before the measurement, and during it."""
MIB = 1024
"""KiB."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one tuner costs after one history."""

    milliseconds: float
    """CPU time of an ask of one and a tell, on average."""
    growth: float
    """Peak of resident memory, less that of the libraries alone, in MiB."""
    peak: float
    """Peak of resident memory, in MiB."""


def mixed_space() -> SearchSpace:
    """Build the space of ten: floats, log floats, integers, a log integer and two choices."""
    return nested_space(
        {
            **{f"f{i}": Real(0, 1) for i in range(4)},
            "lr": Real(1e-5, 1, log=True),
            "wd": Real(1e-6, 1e-1, log=True),
            "layers": Integer(1, 10),
            "width": Integer(16, 1024, log=True),
            "opt": Categorical(("sgd", "adam", "rms")),
            "act": Categorical(("relu", "tanh", "gelu")),
        }
    )


def measure(name: str, past: int) -> Cost:
    """Tell a tuner a random history, then ask and tell it again and again."""
    one, space = participant(name), mixed_space()
    _import_libraries(one)
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    solver = one.build(Problem(space, 0, 1, None))
    draws = rng(1, "latency")
    solver.remember(draws.random(past).tolist())
    spent = []
    for value in draws.random(WARM + REPEATS).tolist():
        begin = process_time()
        ((number, _),) = solver.ask(1)
        solver.tell(number, value)
        spent.append(process_time() - begin)
    peak = _resident("VmHWM")
    return Cost(1000 * mean(spent[WARM:]), (peak - before) / MIB, peak / MIB)


def _import_libraries(one: Participant) -> None:
    """Import the libraries of a tuner before measuring."""
    if one.is_peer:
        for name in PEERS[one.tuner].distributions:
            importlib.import_module(name)
    one.build(Problem(mixed_space(), 0, 1, None)).ask(1)


def _resident(field: str) -> int:
    """Read the resident memory of this process, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1])


def main(name: str, past: int) -> None:
    """Print the cost of a tuner after a number of trials, as JSON."""
    warnings.simplefilter("ignore")  # peers' own
    print(json.dumps(asdict(measure(name, past))))
