"""The tuners of the comparison, ours and the peers, by name, with options after a colon."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

import yaml

from sweepwright.contracts import Problem

from . import ours
from .peers.hyperopt import HyperoptPeer
from .peers.optuna import OptunaPeer, cma, default, gaussian_process, grouped, univariate
from .peers.smac import SmacPeer
from .solver import Solver


@dataclass(frozen=True, slots=True)
class Peer:
    """A tuner of another project: the distributions it needs, and the function that builds it."""

    distributions: Sequence[str]
    build: Callable[[Problem, Mapping[str, Any]], Solver]

    @property
    def installed(self) -> bool:
        """Whether all its distributions are installed."""
        return all(find_spec(name) is not None for name in self.distributions)


PEERS: Mapping[str, Peer] = {
    "optuna": Peer(("optuna",), partial(OptunaPeer, default)),
    "optuna-grouped": Peer(("optuna",), partial(OptunaPeer, grouped)),
    "optuna-univariate": Peer(("optuna",), partial(OptunaPeer, univariate)),
    "optuna-cma": Peer(("optuna", "cmaes"), partial(OptunaPeer, cma)),
    "optuna-gp": Peer(("optuna", "torch"), partial(OptunaPeer, gaussian_process)),
    "hyperopt": Peer(("hyperopt",), HyperoptPeer),
    "smac3": Peer(("smac", "ConfigSpace"), SmacPeer),
}
SLOW = ("optuna-gp", "smac3")
"""The peers whose runs take tens of seconds; they run only where they are named."""
RIVALS = ("optuna", "optuna-grouped", "optuna-univariate", "hyperopt")
"""The peers whose best is compared with ours."""
BASELINE = "random"
"""Our tuner that none of the others should be worse than."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A tuner with its options, as in ``tpe:multivariate=false,startup=20``."""

    name: str
    """Name and options, as written."""
    tuner: str
    options: Mapping[str, Any]

    @property
    def is_peer(self) -> bool:
        """Whether it is a peer's."""
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


def participant(name: str) -> Participant:
    """Read a name; values are YAML."""
    tuner, _, rest = name.partition(":")
    pairs = (pair.split("=", 1) for pair in rest.split(",") if pair)
    return Participant(name, tuner, {key: yaml.safe_load(value) for key, value in pairs})


def missing(chosen: Sequence[Participant]) -> list[Participant]:
    """List the tuners that are not installed or unknown."""
    known = {*ours.names(), *(name for name, peer in PEERS.items() if peer.installed)}
    return [one for one in chosen if one.tuner not in known]


def version_of(distribution: str) -> str:
    """Return the version of a distribution, or a question mark if it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "?"
