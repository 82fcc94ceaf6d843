"""How busy 64 workers are kept, where trials last from one to ten times as long."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from sweepwright.contracts import Problem

from ..contest.tables import head, row
from .busy import busy_shares
from .curves import SPREAD, Curves
from .entrants import build, is_peer, present
from .play import play
from .simulated import simulated
from .sweep import sweep

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
"""Of each column, for each seed."""


def busy_table() -> Iterator[str]:
    """Say what share of the workers' time each entrant uses; ours by whole sweeps."""
    yield ""
    yield f"Share of their time that {WORKERS} workers work in {TRIALS:,} trials, on a virtual"
    yield f"clock where a unit lasts from 1 to {SPREAD:g}, by trial; `{PROBLEM}`,"
    yield f"{len(SEEDS)} repetitions: the mean, and the lowest"
    yield from head(["tuner", *COLUMNS])
    for name in present(TUNERS):
        cells = [_said(column) for column in (_of_peer(name) if is_peer(name) else _of_ours(name))]
        yield row([f"`{name}`", *cells, *[""] * (len(COLUMNS) - len(cells))])


def _of_ours(name: str) -> Shares:
    """Sweep with a tuner of ours, its driver included."""
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
    """Play a peer, until as many trials have begun."""
    return [[_peer_share(name, seed) for seed in SEEDS]]


def _peer_share(name: str, seed: int) -> float:
    curves = _curves(seed)
    contender = build(name, Problem(curves.space, seed, WORKERS, None, curves.budget))
    played = play(contender, curves, WORKERS, lambda played: played.trials >= TRIALS)
    return busy_shares(played.spans, WORKERS)[0]


def _curves(seed: int) -> Curves:
    return simulated(PROBLEM, seed)


def _said(found: Sequence[float]) -> str:
    return f"{sum(found) / len(found):.1%} ({min(found):.1%})"
