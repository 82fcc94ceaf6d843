"""Every tuner that is installed with the project keeps the contract."""

from importlib.metadata import entry_points
from typing import Any

import pytest

from sweepwright.contracts import Problem, Provider, Tuner
from sweepwright.plugins.tuners.batch import BatchOptions
from sweepwright.seeds import rng
from sweepwright.testing import hashed
from sweepwright.testing.tuners import TunerSuite

PLUGINS = [entry.load() for entry in entry_points(group="sweepwright") if "tuner." in entry.name]
PROVIDERS: dict[str, Provider[Tuner, Any]] = {
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
}
"""What a tuner may rightly do otherwise than most."""


class Suite(TunerSuite):
    """Chooses options where the defaults make no tuner."""

    def options(self, problem: Problem) -> Any:
        if self.provider.name != "batch":
            return super().options(problem)
        matrix = problem.space.sample(rng(0, "given"), 12)
        return BatchOptions(tuple(problem.space.decode(matrix)))


for _name, _provider in PROVIDERS.items():
    _facts = {"provider": _provider, **FACTS.get(_name, {})}
    globals()[f"Test{_name.title()}"] = type(f"Test{_name.title()}", (Suite,), _facts)


@pytest.mark.parametrize("name", ["random", "grid", "batch", "hashed"])
def test_the_contract_is_checked_for(name: str) -> None:
    assert name in PROVIDERS
