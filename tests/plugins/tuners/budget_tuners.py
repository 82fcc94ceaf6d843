"""The tuners with budgets, in the variants that tests use."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sweepwright.contracts import Budget, Problem, Tuner, TunerProvider
from sweepwright.plugins.tuners import asha, bohb, hyperband, pbt, successive_halving
from sweepwright.plugins.tuners.asha import AshaOptions
from sweepwright.plugins.tuners.bohb import BohbOptions
from sweepwright.plugins.tuners.hyperband import HyperbandOptions
from sweepwright.plugins.tuners.pbt import PbtOptions
from sweepwright.plugins.tuners.random import Random, RandomOptions
from sweepwright.plugins.tuners.successive_halving import SuccessiveHalvingOptions
from sweepwright.testing.problems import PROBLEMS

VARIANTS: Mapping[str, tuple[Any, Any]] = {
    "hyperband": (hyperband, HyperbandOptions()),
    "hyperband_serial": (hyperband, HyperbandOptions(parallel=False)),
    "hyperband_twice": (hyperband, HyperbandOptions(rounds=2)),
    "halving": (successive_halving, SuccessiveHalvingOptions(trials=13)),
    "halving_endless": (successive_halving, SuccessiveHalvingOptions(trials=4, rounds=None)),
    "asha": (asha, AshaOptions()),
    "asha_late": (asha, AshaOptions(eta=2, early_stopping_rate=1)),
    "bohb": (bohb, BohbOptions(points=4)),
    "pbt": (pbt, PbtOptions(population=5, interval=2.0)),
    "pbt_large": (pbt, PbtOptions(population=12, fraction=0.5)),
}
"""Module and options, by name."""
PROBLEM = replace(PROBLEMS["smooth"], budget=Budget(9), max_trials=30, concurrency=4)


def provider_of(name: str) -> TunerProvider[Any]:
    """Return the provider of a variant."""
    (provider,) = VARIANTS[name][0].sweep_tuners()
    found: TunerProvider[Any] = provider
    return found


def build(name: str, problem: Problem = PROBLEM) -> Tuner:
    """Build a tuner, with random search as its sampler if it has one."""
    provider, options = provider_of(name), VARIANTS[name][1]
    finalize = provider.finalize_options
    final = finalize(options, problem) if finalize else options
    sampler = [Random(RandomOptions(), problem)] if provider.has_sampler else []
    return provider.build(final, problem, *sampler)
