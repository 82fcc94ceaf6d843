"""Measures the cost of one tuner, in a fresh interpreter that imports as little as possible."""

import importlib
import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from time import process_time

from sweepwright.contracts import Problem
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Integer, Real, SearchSpace

from ..problems.spaces import nested_space
from .participants import PEERS, Participant, participant
from .solver import Solver

WARM = 3
"""Number of asks before the measurement."""
FEWEST, MOST = 40, 300
"""Numbers of asks of a measurement. SMAC3 refits its model after eight asks, and ours refit theirs
when the trials have grown by a tenth, so a tenth of the past trials includes their refits."""
FEWEST_SLOW, SLOW_SECONDS = 10, 60
"""A tuner that refits at each ask and has used so much CPU time needs no more asks than this."""
MIB = 1024
"""KiB."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one tuner costs after one history."""

    milliseconds: float
    """CPU time of an ask of one and a tell, on average; refits of a model are included."""
    growth: float
    """Peak of resident memory, less that of the libraries alone, in MiB."""
    peak: float
    """Peak of resident memory, in MiB."""
    asks: int
    """Number of asks that were measured."""


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
    spent = _spent(solver, draws.random(WARM + asks_after(past)).tolist())
    peak = _resident("VmHWM")
    return Cost(1000 * mean(spent), (peak - before) / MIB, peak / MIB, len(spent))


def asks_after(past: int) -> int:
    """Return the number of asks that includes a tuner's refits after so many trials."""
    return min(max(FEWEST, past // 10), MOST)


def _spent(solver: Solver, values: Sequence[float]) -> list[float]:
    """Ask and tell for each value, and return the CPU seconds of each but the first few."""
    spent: list[float] = []
    for value in values:
        begin = process_time()
        ((number, _),) = solver.ask(1)
        solver.tell(number, value)
        spent.append(process_time() - begin)
        if len(spent) >= WARM + FEWEST_SLOW and sum(spent) > SLOW_SECONDS:
            break
    return spent[WARM:]


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
