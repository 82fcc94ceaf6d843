"""Who takes part: our tuners and the peers, by name, with options behind a colon."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

from sweepwright.contracts import Problem

from ..contest import ours as registered
from ..contest.entrants import entrant, version_of
from .contender import Contender
from .optuna_peer import build_optuna, tpe, uniform
from .ours import Ours
from .syne_peer import build_syne
from .syne_promotion_peer import Promoting


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else's tuner: its distribution, the module it is in, and how to build it."""

    distribution: str
    module: str
    build: Callable[[Problem, Mapping[str, Any]], Contender]


_STOPPING = "syne_tune.optimizer.schedulers.asha"

PEERS: Mapping[str, Peer] = {
    "optuna-hyperband": Peer("optuna", "optuna", partial(build_optuna, uniform)),
    "optuna-tpe-hyperband": Peer("optuna", "optuna", partial(build_optuna, tpe)),
    "syne-asha": Peer("syne-tune", _STOPPING, partial(build_syne, "ASHA")),
    "syne-bohb": Peer("syne-tune", _STOPPING, partial(build_syne, "BOHB")),
    "syne-promotion": Peer("syne-tune", "syne_tune.optimizer.schedulers.hyperband", Promoting),
}
RARE = ("syne-bohb", "syne-promotion")
"""Peers that take part only where they are named: one thinks for longer than all the others, one
is of an old version that does not go together with those of the new."""
BASELINE = "random"
OURS = ("hyperband:rounds=null", "successive_halving:rounds=null", "asha", "bohb:rounds=null")
"""Our tuners with budgets, without an end."""


def build(name: str, problem: Problem) -> Contender:
    """Build an entrant for a problem."""
    chosen = entrant(name)
    if chosen.tuner in PEERS:
        return PEERS[chosen.tuner].build(problem, chosen.options)
    return Ours(registered.build_tuner(chosen.tuner, chosen.options, problem), problem)


def is_peer(name: str) -> bool:
    """Tell whether it is somebody else's."""
    return entrant(name).tuner in PEERS


def missing(names: Sequence[str]) -> list[str]:
    """List those that are not installed, or that nobody knows."""
    known = {*registered.names(), *(name for name, peer in PEERS.items() if _installed(peer))}
    return [name for name in names if entrant(name).tuner not in known]


def present(names: Sequence[str]) -> list[str]:
    """Leave out who is not there, and say so."""
    absent = missing(names)
    for name in absent:
        print(f"`{name}` is left out: it is not installed", file=sys.stderr)
    return [name for name in names if name not in absent]


def versions(name: str) -> dict[str, str]:
    """Tell the versions that an entrant's suggestions depend on."""
    tuner = entrant(name).tuner
    if tuner in PEERS:
        return {part: version_of(part) for part in (PEERS[tuner].distribution, "numpy")}
    found = {part: version_of(part) for part in ("sweepwright", "numpy")}
    return {**found, "source": registered.source(tuner)}


def _installed(peer: Peer) -> bool:
    package = peer.module.partition(".")[0]
    return find_spec(package) is not None and find_spec(peer.module) is not None
