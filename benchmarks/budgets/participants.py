"""The tuners of the comparison, ours and the peers, by name, with options after a colon."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

from sweepwright.contracts import Problem

from ..comparison import ours as registered
from ..comparison.participants import participant, version_of
from .budgeted_tuner import BudgetedTuner
from .optuna_peer import build_optuna, tpe, uniform
from .ours import Ours
from .syne_peer import build_syne
from .syne_promotion_peer import Promoting


@dataclass(frozen=True, slots=True)
class Peer:
    """Tuner of another project: its distribution, its module, and the function that builds it."""

    distribution: str
    module: str
    build: Callable[[Problem, Mapping[str, Any]], BudgetedTuner]


_STOPPING = "syne_tune.optimizer.schedulers.asha"

PEERS: Mapping[str, Peer] = {
    "optuna-hyperband": Peer("optuna", "optuna", partial(build_optuna, uniform)),
    "optuna-tpe-hyperband": Peer("optuna", "optuna", partial(build_optuna, tpe)),
    "syne-asha": Peer("syne-tune", _STOPPING, partial(build_syne, "ASHA")),
    "syne-bohb": Peer("syne-tune", _STOPPING, partial(build_syne, "BOHB")),
    "syne-promotion": Peer("syne-tune", "syne_tune.optimizer.schedulers.hyperband", Promoting),
}
RARE = ("syne-bohb", "syne-promotion")
"""Peers that run only if they are named: one takes longer than all others together, and one is an
old version whose dependencies conflict with those of the new one."""
BASELINE = "random"
OURS = ("hyperband:rounds=null", "successive_halving:rounds=null", "asha", "bohb:rounds=null")
"""Our tuners with budgets, without an end."""


def build(name: str, problem: Problem) -> BudgetedTuner:
    """Build a tuner for a problem."""
    chosen = participant(name)
    if chosen.tuner in PEERS:
        return PEERS[chosen.tuner].build(problem, chosen.options)
    return Ours(registered.build_tuner(chosen.tuner, chosen.options, problem), problem)


def is_peer(name: str) -> bool:
    """Tell whether a tuner is a peer's."""
    return participant(name).tuner in PEERS


def missing(names: Sequence[str]) -> list[str]:
    """List the tuners that are not installed or unknown."""
    known = {*registered.names(), *(name for name, peer in PEERS.items() if _installed(peer))}
    return [name for name in names if participant(name).tuner not in known]


def present(names: Sequence[str]) -> list[str]:
    """Drop tuners that are missing, with a message."""
    absent = missing(names)
    for name in absent:
        print(f"`{name}` is left out: it is not installed", file=sys.stderr)
    return [name for name in names if name not in absent]


def versions(name: str) -> dict[str, str]:
    """Return the versions that a tuner's suggestions depend on."""
    tuner = participant(name).tuner
    if tuner in PEERS:
        return {part: version_of(part) for part in (PEERS[tuner].distribution, "numpy")}
    found = {part: version_of(part) for part in ("sweepwright", "numpy")}
    return {**found, "source": registered.source(tuner)}


def _installed(peer: Peer) -> bool:
    package = peer.module.partition(".")[0]
    return find_spec(package) is not None and find_spec(peer.module) is not None
