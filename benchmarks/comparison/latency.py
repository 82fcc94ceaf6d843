"""Latency: CPU time of an ask and its tell after a history, and memory, in fresh processes."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TypeAlias

from .cost import Cost
from .participants import SLOW, Participant
from .tables import head, row

ROOT = Path(__file__).parents[2]
PASTS = (100, 1_000, 3_000)
"""Numbers of past trials; slow peers have no more than `SLOW_PAST`."""
SLOW_PAST = 1_000
LONG_PAST = 100_000
"""Number of past trials, for ours only."""
TURNS = 3
"""Number of processes for each measurement."""
_PASTS_READ = [f"{n:,} past trials" for n in PASTS]

Costs: TypeAlias = Mapping[str, Mapping[int, Cost]]
"""By tuner, and by number of past trials."""


def latency_tables(participants: Sequence[Participant]) -> Iterator[str]:
    """Measure every tuner, and compare ours with each peer."""
    ours = [one for one in participants if not one.is_peer]
    cases = [(one, past) for one in participants for past in PASTS if _is_feasible(one, past)]
    costs = _measured([*cases, *((one, LONG_PAST) for one in ours)])
    found: dict[str, dict[int, Cost]] = defaultdict(dict)
    for one, past in cases:
        found[one.name][past] = costs[one.name, past]
    yield f"CPU time of one ask and one tell in ms, refits of models included: median of {TURNS}"
    yield "processes, each the mean over as many calls as stand in brackets; ten parameters of"
    yield "several kinds, random past trials"
    yield from _costs(found)
    yield ""
    for one in ours:
        cost = costs[one.name, LONG_PAST]
        yield f"`{one.name}` after {LONG_PAST:,} past trials: {_time(cost)} ms"
    for one in ours:
        yield from _ratios(
            one.name, [other.name for other in participants if other.is_peer], found
        )


def _is_feasible(one: Participant, past: int) -> bool:
    return one.tuner not in SLOW or past <= SLOW_PAST


def _time(cost: Cost) -> str:
    return f"{cost.milliseconds:.2f} ({cost.asks})"


def _costs(found: Costs) -> Iterator[str]:
    yield from head(["tuner", *_PASTS_READ, "MiB grown", "MiB at peak"])
    for name, costs in found.items():
        cells = [_time(costs[n]) if n in costs else "" for n in PASTS]
        memory = costs[max(costs)]
        yield row([f"`{name}`", *cells, f"{memory.growth:.1f}", f"{memory.peak:.0f}"])


def _ratios(mine: str, peers: Sequence[str], found: Costs) -> Iterator[str]:
    if not peers:
        return
    yield ""
    yield f"Time and memory of each peer, divided by the time and memory of `{mine}`; memory after"
    yield "the most past trials that both have"
    yield from head(["peer", *_PASTS_READ, "growth", "peak"])
    for peer in peers:
        pairs = {n: (found[mine][n], found[peer][n]) for n in PASTS if n in found[peer]}
        times = {n: other.milliseconds / one.milliseconds for n, (one, other) in pairs.items()}
        one, other = pairs[max(pairs)]
        memory = [other.growth / max(one.growth, 0.1), other.peak / one.peak]
        cells = [f"{times[n]:.1f}" if n in times else "" for n in PASTS]
        yield row([f"`{peer}`", *cells, *(f"{x:.1f}" for x in memory)])


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
        min(cost.asks for cost in costs),
    )


def _in_fresh_process(one: Participant, past: int) -> Cost:
    """Measure in an interpreter that has imported nothing else."""
    code = f"from benchmarks.comparison.cost import main; main({one.name!r}, {past})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    return Cost(**json.loads(done.stdout))
