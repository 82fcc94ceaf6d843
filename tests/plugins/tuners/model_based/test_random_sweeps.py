"""Random sweeps of random spaces cost the model-based tuners no warning, error or promise.

``SWEEPWRIGHT_SWEEPS=1000 pytest -m ci_only`` plays more.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from sweepwright.contracts import Problem
from sweepwright.diagnostics import Code
from sweepwright.plugins.tuners import gp, metis, smac
from sweepwright.plugins.tuners.gp import GpOptions
from sweepwright.plugins.tuners.metis import MetisOptions
from sweepwright.plugins.tuners.smac import SmacOptions
from sweepwright.seeds import rng
from sweepwright.space import SearchSpace
from sweepwright.testing.tuner_harness import journaled
from tests.core.compiler.space.properties.compile_space import compiled
from tests.core.compiler.space.properties.notations import SpaceWriter
from tests.core.compiler.space.properties.space_generators import spaces
from tests.plugins.tuners.model_based.random_sweeps import RandomSweep
from tests.sweepwright.draws import Draw, pick

TURNS = 5
MANY = int(os.environ.get("SWEEPWRIGHT_SWEEPS", "100"))
"""Number of random spaces, in each of which three tuners play a sweep."""


def random_space(draw: Draw) -> SearchSpace:
    """Compile a random text to a space, which may have branches, conditions and constraints."""
    outcome = compiled(SpaceWriter(draw, draw(spaces())).text())
    # Whether a space is found at fault is what other tests are about.
    assume(not outcome.errors)
    assume(all(found.code is not Code.HOPELESS_CONSTRAINT for found in outcome.found))
    return outcome.spaced.space


def builder(name: str, problem: Problem, draw: Draw) -> Callable[[], Any]:
    """Return a function that builds a tuner, with random options and a model after few trials."""
    startup = pick(draw, [1, 2, 5])
    match name:
        case "gp":
            return partial(gp.build, GpOptions(startup), problem)
        case "smac":
            options = SmacOptions(startup, pick(draw, [0.0, 0.1]), pick(draw, [1, 3]))
            return partial(smac.build, options, problem)
        case _:
            return partial(metis.build, MetisOptions(startup, pick(draw, [1.0, 0.5])), problem)


def play_sweeps(data: st.DataObject, seed: int) -> None:
    """Let each tuner play a random sweep, and replay it."""
    problem = Problem(random_space(data.draw), seed=seed, concurrency=4)
    for name in ("gp", "smac", "metis"):
        note(name)
        new = builder(name, problem, data.draw)
        sweep = RandomSweep(new(), problem.space, rng(seed, name))
        sweep.play(TURNS)
        replayed = new()
        for event in sweep.events:
            replayed.tell(journaled(event))

        assert replayed.belief() == sweep.belief()
        assert replayed.ask(2) == sweep.ask(2)


def examples(count: int) -> settings:
    return settings(max_examples=count, suppress_health_check=list(HealthCheck))


@given(st.data(), st.integers(0, 2**32))
@examples(3)
def test_random_sweeps(data: st.DataObject, seed: int) -> None:
    play_sweeps(data, seed)


@pytest.mark.ci_only
@given(st.data(), st.integers(0, 2**32))
@examples(MANY)
def test_a_thousand_random_sweeps(data: st.DataObject, seed: int) -> None:
    play_sweeps(data, seed)
