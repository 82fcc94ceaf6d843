"""Who takes part: our tuners and the peers, by name, with options behind a colon."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

import yaml

from sweepwright.contracts import Problem

from . import ours
from .hyperopt_peer import HyperoptPeer
from .optuna_peer import OptunaPeer, cma, default, grouped, univariate
from .solver import Solver


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else's tuner: the distributions it needs, and how to build it."""

    distributions: Sequence[str]
    build: Callable[[Problem, Mapping[str, Any]], Solver]

    @property
    def installed(self) -> bool:
        """Whether all it needs is there."""
        return all(find_spec(name) is not None for name in self.distributions)


PEERS: Mapping[str, Peer] = {
    "optuna": Peer(("optuna",), partial(OptunaPeer, default)),
    "optuna-grouped": Peer(("optuna",), partial(OptunaPeer, grouped)),
    "optuna-univariate": Peer(("optuna",), partial(OptunaPeer, univariate)),
    "optuna-cma": Peer(("optuna", "cmaes"), partial(OptunaPeer, cma)),
    "hyperopt": Peer(("hyperopt",), HyperoptPeer),
}
RIVALS = ("optuna", "optuna-grouped", "optuna-univariate", "hyperopt")
"""The peers whose best ours are held against."""
BASELINE = "random"
"""The tuner of ours that none may be worse than."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A tuner with its options, as in ``tpe:multivariate=false,startup=20``."""

    name: str
    """All of it, as written."""
    tuner: str
    options: Mapping[str, Any]

    @property
    def is_peer(self) -> bool:
        """Whether it is somebody else's."""
        return self.tuner in PEERS

    def build(self, problem: Problem) -> Solver:
        """Build it for a problem."""
        if self.is_peer:
            return PEERS[self.tuner].build(problem, self.options)
        return ours.build_ours(self.tuner, self.options, problem)

    def versions(self) -> dict[str, str]:
        """Tell the versions that its suggestions depend on."""
        if self.is_peer:
            return {name: version_of(name) for name in (*PEERS[self.tuner].distributions, "numpy")}
        found = {name: version_of(name) for name in ("sweepwright", "numpy")}
        return {**found, "source": ours.source(self.tuner)}


def entrant(name: str) -> Entrant:
    """Read a name; values are YAML."""
    tuner, _, rest = name.partition(":")
    pairs = (pair.split("=", 1) for pair in rest.split(",") if pair)
    return Entrant(name, tuner, {key: yaml.safe_load(value) for key, value in pairs})


def missing(chosen: Sequence[Entrant]) -> list[Entrant]:
    """List those that are not installed, or that nobody knows."""
    known = {*ours.names(), *(name for name, peer in PEERS.items() if peer.installed)}
    return [one for one in chosen if one.tuner not in known]


def version_of(distribution: str) -> str:
    """Tell the version of a distribution, a question mark where it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "?"
