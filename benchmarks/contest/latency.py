"""Latency: CPU time of an ask and its tell after a history, and memory, in fresh processes."""

import importlib
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from time import process_time

from sweepwright.contracts import Problem
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Integer, Real, SearchSpace

from ..problems.spaces import nested_space
from .entrants import PEERS, Entrant, entrant
from .tables import head, row

PASTS = (100, 1_000, 3_000)
"""Numbers of past trials, of everybody."""
LONG_PAST = 100_000
"""Number of past trials, of ours alone."""
WARM, REPEATS = 3, 30
"""How often it asks before it is measured, and how often then."""
MEMORY_PAST = 3_000
"""Past trials after which memory is told."""
MIB = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one tuner costs after one history."""

    milliseconds: float
    """CPU time of an ask of one and a tell, on average."""
    growth: float
    """MiB resident at the peak beyond what the libraries alone take."""
    peak: float
    """MiB resident at the peak."""


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


def latency_tables(entrants: Sequence[Entrant]) -> Iterator[str]:
    """Measure every tuner, and compare ours with each peer."""
    found = {one.name: {n: _in_fresh_process(one, n) for n in PASTS} for one in entrants}
    yield f"CPU ms of an ask and its tell, mean of {REPEATS}; ten mixed parameters, random history"
    yield from head(["tuner", *(f"{n:,} past trials" for n in PASTS), "MiB grown", "MiB at peak"])
    for name, costs in found.items():
        cells = [f"{costs[n].milliseconds:.2f}" for n in PASTS]
        memory = costs[MEMORY_PAST]
        yield row([f"`{name}`", *cells, f"{memory.growth:.1f}", f"{memory.peak:.0f}"])
    ours = [one for one in entrants if not one.is_peer]
    yield ""
    for one in ours:
        cost = _in_fresh_process(one, LONG_PAST)
        yield f"`{one.name}` after {LONG_PAST:,} past trials: {cost.milliseconds:.2f} ms"
    for one in ours:
        peers = [other.name for other in entrants if other.is_peer]
        yield from _ratios(one.name, peers, found)


def _ratios(mine: str, peers: Sequence[str], found: dict[str, dict[int, Cost]]) -> Iterator[str]:
    if not peers:
        return
    yield ""
    yield f"How many times as much peers take as `{mine}`"
    yield from head(["peer", *(f"{n:,} past trials" for n in PASTS), "growth", "peak"])
    for peer in peers:
        times = [found[peer][n].milliseconds / found[mine][n].milliseconds for n in PASTS]
        one, other = found[mine][MEMORY_PAST], found[peer][MEMORY_PAST]
        memory = [other.growth / max(one.growth, 0.1), other.peak / one.peak]
        yield row([f"`{peer}`", *(f"{x:.1f}" for x in [*times, *memory])])


def _in_fresh_process(one: Entrant, past: int) -> Cost:
    """Measure in an interpreter that has done nothing else."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(measure, (one.name, past))


def measure(name: str, past: int) -> Cost:
    """Tell a tuner a random history, then ask and tell it again and again."""
    one, space = entrant(name), mixed_space()
    _import_libraries(one)
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    solver = one.build(Problem(space, 0, 1, None))
    draws = rng(1, "latency")
    history = space.decode(space.sample(rng(0, "latency"), past))
    solver.remember(history, draws.random(past).tolist())
    del history
    spent = []
    for value in draws.random(WARM + REPEATS).tolist():
        begin = process_time()
        ((number, _),) = solver.ask(1)
        solver.tell(number, value)
        spent.append(process_time() - begin)
    peak = _resident("VmHWM")
    return Cost(1000 * mean(spent[WARM:]), (peak - before) / MIB, peak / MIB)


def _import_libraries(one: Entrant) -> None:
    """Import what a tuner needs before anything is counted."""
    if one.is_peer:
        for name in PEERS[one.tuner].distributions:
            importlib.import_module(name)
    one.build(Problem(mixed_space(), 0, 1, None)).ask(1)


def _resident(field: str) -> int:
    """Read what the kernel says of this process's memory, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1])
