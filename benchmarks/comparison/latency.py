"""Latency: CPU time of an ask and its tell after a history, and memory, in fresh processes."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from statistics import median
from typing import TypeAlias

from .cost import REPEATS, Cost
from .participants import Participant
from .tables import head, row

ROOT = Path(__file__).parents[2]
PASTS = (100, 1_000, 3_000)
"""Numbers of past trials, for all tuners."""
LONG_PAST = 100_000
"""Number of past trials, for ours only."""
TURNS = 3
"""Number of processes for each measurement."""
MEMORY_PAST = 3_000
"""Past trials after which memory is reported."""
_PASTS_READ = [f"{n:,} past trials" for n in PASTS]

Costs: TypeAlias = Mapping[str, Mapping[int, Cost]]
"""By tuner, and by number of past trials."""


def latency_tables(participants: Sequence[Participant]) -> Iterator[str]:
    """Measure every tuner, and compare ours with each peer."""
    ours = [one for one in participants if not one.is_peer]
    costs = _measured([*product(participants, PASTS), *((one, LONG_PAST) for one in ours)])
    found = {one.name: {n: costs[one.name, n] for n in PASTS} for one in participants}
    yield f"CPU time of one ask and one tell in ms: mean of {REPEATS} calls, median of {TURNS}"
    yield "processes; ten parameters of several kinds, random past trials"
    yield from _costs(found)
    yield ""
    for one in ours:
        spent = costs[one.name, LONG_PAST].milliseconds
        yield f"`{one.name}` after {LONG_PAST:,} past trials: {spent:.2f} ms"
    for one in ours:
        yield from _ratios(
            one.name, [other.name for other in participants if other.is_peer], found
        )


def _costs(found: Costs) -> Iterator[str]:
    yield from head(["tuner", *_PASTS_READ, "MiB grown", "MiB at peak"])
    for name, costs in found.items():
        cells = [f"{costs[n].milliseconds:.2f}" for n in PASTS]
        memory = costs[MEMORY_PAST]
        yield row([f"`{name}`", *cells, f"{memory.growth:.1f}", f"{memory.peak:.0f}"])


def _ratios(mine: str, peers: Sequence[str], found: Costs) -> Iterator[str]:
    if not peers:
        return
    yield ""
    yield f"Time and memory of each peer, divided by the time and memory of `{mine}`"
    yield from head(["peer", *_PASTS_READ, "growth", "peak"])
    for peer in peers:
        times = [found[peer][n].milliseconds / found[mine][n].milliseconds for n in PASTS]
        one, other = found[mine][MEMORY_PAST], found[peer][MEMORY_PAST]
        memory = [other.growth / max(one.growth, 0.1), other.peak / one.peak]
        yield row([f"`{peer}`", *(f"{x:.1f}" for x in [*times, *memory])])


def _measured(cases: Sequence[tuple[Participant, int]]) -> dict[tuple[str, int], Cost]:
    """Measure all in turn, several times, and return the median of each."""
    found = defaultdict(list)
    for one, past in list(cases) * TURNS:
        found[one.name, past].append(_in_fresh_process(one, past))
    return {case: _median(costs) for case, costs in found.items()}


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        median(cost.milliseconds for cost in costs),
        median(cost.growth for cost in costs),
        median(cost.peak for cost in costs),
    )


def _in_fresh_process(one: Participant, past: int) -> Cost:
    """Measure in an interpreter that has imported nothing else."""
    code = f"from benchmarks.comparison.cost import main; main({one.name!r}, {past})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    return Cost(**json.loads(done.stdout))
