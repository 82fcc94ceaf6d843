"""Every assessor that is installed with the project keeps the contract."""

from importlib.metadata import entry_points
from typing import Any

import pytest

from sweepwright.contracts import AssessorProvider
from sweepwright.plugins.assessors.curvefitting import CurvefittingOptions
from sweepwright.plugins.assessors.medianstop import MedianstopOptions
from sweepwright.plugins.assessors.patience import PatienceOptions
from sweepwright.plugins.assessors.threshold import ThresholdOptions
from sweepwright.testing.assessors import AssessorSuite, answers, history
from tests.plugins.assessors.remembered import CURVEFITTING

PLUGINS = [e.load() for e in entry_points(group="sweepwright") if "assessor." in e.name]
PROVIDERS: dict[str, AssessorProvider[Any]] = {
    provider.name: provider for plugin in PLUGINS for provider in plugin.sweep_assessors()
}
PROVIDERS["curvefitting"] = CURVEFITTING
OPTIONS: dict[str, dict[str, Any]] = {
    "medianstop": {"": MedianstopOptions(), "at_once": MedianstopOptions(1, 1)},
    "curvefitting": {
        "": CurvefittingOptions(),
        "early": CurvefittingOptions(warmup=4, probability=0.5, every=2),
    },
    "patience": {"": PatienceOptions(), "short": PatienceOptions(2, 0.01)},
    "threshold": {
        "bound": ThresholdOptions(0.5, step=3),
        "setback": ThresholdOptions(setback=0.01),
    },
}
"""The options that each is tried with."""


def _suite(name: str, variant: str, chosen: Any) -> None:
    """Define the suite of an assessor with the options of a variant."""
    title = f"Test{name.title()}{variant.title().replace('_', '')}"
    held = {"provider": PROVIDERS[name], "options": lambda _suite, _problem: chosen}
    globals()[title] = type(title, (AssessorSuite,), held)


for _name, _variants in OPTIONS.items():
    for _variant, _chosen in _variants.items():
        _suite(_name, _variant, _chosen)


def test_the_contract_is_checked_for_every_assessor() -> None:
    assert set(OPTIONS) == set(PROVIDERS)


@pytest.mark.parametrize("name", OPTIONS)
def test_the_suite_sees_stopped_and_continued_trials(name: str) -> None:
    """Otherwise its tests of answers would be empty."""
    seen = set()
    for chosen in OPTIONS[name].values():
        suite = type("Suite", (AssessorSuite,), {"provider": PROVIDERS[name]})()
        suite.options = lambda _problem, chosen=chosen: chosen
        for problem in suite.problems().values():
            seen |= {a is None for a in answers(suite.build(problem, history()))}

    assert seen == {True, False}
