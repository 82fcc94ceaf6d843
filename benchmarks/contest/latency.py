"""Latency: CPU time of an ask and its tell after a history, and memory, in fresh processes."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from .cost import REPEATS, Cost
from .entrants import Entrant
from .tables import head, row

ROOT = Path(__file__).parents[2]
PASTS = (100, 1_000, 3_000)
"""Numbers of past trials, of everybody."""
LONG_PAST = 100_000
"""Number of past trials, of ours alone."""
MEMORY_PAST = 3_000
"""Past trials after which memory is told."""
_PASTS_READ = [f"{n:,} past trials" for n in PASTS]

Costs: TypeAlias = Mapping[str, Mapping[int, Cost]]
"""By tuner, and by how many trials are past."""


def latency_tables(entrants: Sequence[Entrant]) -> Iterator[str]:
    """Measure every tuner, and compare ours with each peer."""
    found = {one.name: {n: _in_fresh_process(one, n) for n in PASTS} for one in entrants}
    ours = [one for one in entrants if not one.is_peer]
    yield f"CPU ms of an ask and its tell, mean of {REPEATS}; ten mixed parameters, random history"
    yield from _costs(found)
    yield ""
    for one in ours:
        cost = _in_fresh_process(one, LONG_PAST)
        yield f"`{one.name}` after {LONG_PAST:,} past trials: {cost.milliseconds:.2f} ms"
    for one in ours:
        yield from _ratios(one.name, [other.name for other in entrants if other.is_peer], found)


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
    yield f"How many times as much peers take as `{mine}`"
    yield from head(["peer", *_PASTS_READ, "growth", "peak"])
    for peer in peers:
        times = [found[peer][n].milliseconds / found[mine][n].milliseconds for n in PASTS]
        one, other = found[mine][MEMORY_PAST], found[peer][MEMORY_PAST]
        memory = [other.growth / max(one.growth, 0.1), other.peak / one.peak]
        yield row([f"`{peer}`", *(f"{x:.1f}" for x in [*times, *memory])])


def _in_fresh_process(one: Entrant, past: int) -> Cost:
    """Measure in an interpreter that has imported nothing else."""
    code = f"from benchmarks.contest.cost import main; main({one.name!r}, {past})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    return Cost(**json.loads(done.stdout))
