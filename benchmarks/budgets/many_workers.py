"""Measures the utilisation of 64 workers; durations of trials differ by a factor of ten."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from sweepwright.contracts import Problem

from ..comparison.tables import head, row
from .curves import SPREAD, Curves
from .participants import build, is_peer, present
from .simulated import simulated
from .simulation import simulate
from .sweep import sweep
from .utilisation import busy_shares

WORKERS = 64
TRIALS = 2_000
SEEDS = range(7000, 7003)
PROBLEM = "simulated/power"
TUNERS = (
    "asha",
    "hyperband:rounds=null",
    "hyperband:rounds=null,parallel=false",
    "successive_halving:rounds=null",
    "bohb:rounds=null",
    "optuna-hyperband",
    "syne-asha",
)
COLUMNS = (
    "until the last trial begins",
    "until the last job begins",
    "`reproducible=true`, until the last trial begins",
)
Shares: TypeAlias = Sequence[Sequence[float]]
"""For each column, a value per seed."""


def busy_table() -> Iterator[str]:
    """Write the share of the workers' time that each tuner uses; ours run in whole sweeps."""
    yield ""
    yield f"Share of their time that {WORKERS} workers work in {TRIALS:,} trials, on a virtual"
    yield f"clock where a unit lasts from 1 to {SPREAD:g}, by trial; `{PROBLEM}`,"
    yield f"{len(SEEDS)} repetitions: the mean, and the lowest"
    yield from head(["tuner", *COLUMNS])
    for name in present(TUNERS):
        cells = [_said(column) for column in (_of_peer(name) if is_peer(name) else _of_ours(name))]
        yield row([f"`{name}`", *cells, *[""] * (len(COLUMNS) - len(cells))])


def _of_ours(name: str) -> Shares:
    """Run a sweep with one of our tuners, including the driver."""
    swift, repeated = (
        [
            busy_shares(
                sweep(name, _curves(seed), WORKERS, TRIALS, reproducible=mode).spans, WORKERS
            )
            for seed in SEEDS
        ]
        for mode in (False, True)
    )
    return [*zip(*swift, strict=True), [share for share, _ in repeated]]


def _of_peer(name: str) -> Shares:
    """Simulate a peer until enough trials have begun."""
    return [[_peer_share(name, seed) for seed in SEEDS]]


def _peer_share(name: str, seed: int) -> float:
    curves = _curves(seed)
    tuner = build(name, Problem(curves.space, seed, WORKERS, None, curves.budget))
    played = simulate(tuner, curves, WORKERS, lambda played: played.trials >= TRIALS)
    return busy_shares(played.spans, WORKERS)[0]


def _curves(seed: int) -> Curves:
    return simulated(PROBLEM, seed)


def _said(found: Sequence[float]) -> str:
    return f"{sum(found) / len(found):.1%} ({min(found):.1%})"
