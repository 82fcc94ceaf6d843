"""Every tuner that is installed with the project keeps the contract."""

from collections.abc import Callable, Collection
from importlib.metadata import entry_points
from itertools import islice
from typing import Any

import pytest

from sweepwright.contracts import Problem, TunerProvider
from sweepwright.plugins.tuners.batch import BatchOptions
from sweepwright.plugins.tuners.grid import GridOptions
from sweepwright.plugins.tuners.random import RandomOptions
from sweepwright.plugins.tuners.smac import SmacOptions
from sweepwright.plugins.tuners.tpe import TpeOptions
from sweepwright.seeds import rng
from sweepwright.space import Integer, Real
from sweepwright.testing import hashed
from sweepwright.testing.tuners import TunerSuite

PLUGINS = [entry.load() for entry in entry_points(group="sweepwright") if "tuner." in entry.name]
PROVIDERS: dict[str, TunerProvider[Any]] = {
    provider.name: provider
    for plugin in [*PLUGINS, hashed]
    if hasattr(plugin, "sweep_tuners")
    for provider in plugin.sweep_tuners()
}
FACTS: dict[str, dict[str, Any]] = {
    "random": {"repeats": True},
    "hashed": {"repeats": True},
    "grid": {"seeded": False},
    "batch": {"seeded": False, "ends": True, "repeats": True},
    "hyperband": {"repeats": True, "ends": True},
    "successive_halving": {"repeats": True, "ends": True},
    "asha": {"repeats": True},
    "bohb": {"ends": True},
    "pbt": {"repeats": True, "ends": True},
    "gp": {"trials": 16},
    "smac": {"trials": 12, "quick": ("every_kind",)},
    "metis": {"trials": 16},
}
"""What a tuner may rightly do otherwise than most."""


def listed(problem: Problem) -> BatchOptions:
    """Choose a dozen assignments, which the batch needs."""
    matrix = problem.space.sample(rng(0, "given"), 12)
    return BatchOptions(tuple(problem.space.decode(matrix)))


def one_level(problem: Problem) -> GridOptions:
    """Give three values to the first number; the others are refined."""
    numbers = (p.name for p in problem.space.parameters if isinstance(p.domain, Real | Integer))
    return GridOptions(dict.fromkeys(islice(numbers, 1), 3))


OPTIONS: dict[str, dict[str, Callable[[Problem], Any]]] = {
    "batch": {"": listed},
    "random": {
        "": lambda _: RandomOptions(),
        "sobol": lambda _: RandomOptions("sobol"),
        "latin": lambda _: RandomOptions("latin"),
    },
    "grid": {
        "": lambda _: GridOptions(),
        "plain": lambda _: GridOptions(2),
        "partly_plain": one_level,
    },
    "tpe": {
        "": lambda _: TpeOptions(startup=6),
        "hyperopt": lambda _: TpeOptions(multivariate=False, startup=6),
        "nni": lambda _: TpeOptions(classic="nni", startup=6),
    },
    "smac": {
        "": lambda _: SmacOptions(startup=4),
        "intensified": lambda _: SmacOptions(startup=4, max_measurements=3),
    },
}
"""The options that a tuner is tried with, when these are others than the defaults alone."""
VARIANT_FACTS: dict[tuple[str, str], dict[str, Any]] = {
    ("tpe", "hyperopt"): {"trials": 12},
    ("tpe", "nni"): {"trials": 12},
    ("smac", "intensified"): {"trials": 8, "quick": ()},
    ("grid", "plain"): {"ends": True},
    ("grid", "partly_plain"): {"ends": True},
}
"""What it may rightly do otherwise with such options."""


class VariantSuite(TunerSuite):
    """The suite of a slow tuner, or of one with other options, of which only CI runs it all."""

    quick: Collection[str] = ("every_kind", "constrained")
    """The problems that the quick suite runs: those that exercise most of a tuner."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "problem" in metafunc.fixturenames:
            cases = [
                pytest.param(
                    problem, id=name, marks=() if name in self.quick else pytest.mark.ci_only
                )
                for name, problem in self.problems().items()
            ]
            metafunc.parametrize("problem", cases)


SLOW = ("gp", "smac", "metis")
"""The tuners that fit a model, which takes most of a test's time."""


def _suite(name: str, variant: str, chosen: Callable[[Problem], Any] | None) -> None:
    """Define the suite of a tuner with the options of a variant."""
    facts = {**FACTS.get(name, {}), **VARIANT_FACTS.get((name, variant), {})}
    held = {"provider": PROVIDERS[name], **facts}
    if chosen:
        held["options"] = lambda _, problem: chosen(problem)
    title = f"Test{name.title()}{variant.title()}".replace("_", "")
    suite = VariantSuite if variant or name in SLOW else TunerSuite
    globals()[title] = type(title, (suite,), held)


for _name in PROVIDERS:
    for _variant, _chosen in OPTIONS.get(_name, {"": None}).items():
        _suite(_name, _variant, _chosen)


@pytest.mark.parametrize(
    "name",
    [
        "random",
        "grid",
        "batch",
        "tpe",
        "gp",
        "hyperband",
        "successive_halving",
        "asha",
        "bohb",
        "pbt",
        "smac",
        "metis",
        "hashed",
    ],
)
def test_the_contract_is_checked_for(name: str) -> None:
    assert name in PROVIDERS
