"""What tuners are watched at: a function of two numbers, and a choice between three branches."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweepwright.contracts import Problem, Tuner, TunerProvider
from sweepwright.core.registry.options import build_options
from sweepwright.events import Assignment, Event, Measured, Trial
from sweepwright.plugins.tuners.random import Random, RandomOptions
from sweepwright.space import Condition, Nested, Parameter, Real, SearchSpace
from sweepwright.testing.tuner_harness import TunerHarness

TRIALS = 40
"""How many trials a tuner is watched for."""


@dataclass(frozen=True)
class Scene:
    """A space, and what is minimised in it."""

    space: SearchSpace
    objective: Callable[[Assignment], float]


def branin(x: float, y: float) -> float:
    """Compute Branin's function: a curved valley with three equal hollows, 0.398 deep."""
    bent = y - 5.1 * x**2 / (4 * math.pi**2) + 5 * x / math.pi - 6
    return bent**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


HOLLOWS = ((-math.pi, 12.275), (math.pi, 2.275), (3 * math.pi, 2.475))
"""Where it is least."""
VALLEY = Scene(
    SearchSpace([Parameter("x", Real(-5, 10)), Parameter("y", Real(0, 15))]),
    lambda assignment: branin(assignment["x"], assignment["y"]),
)

BRANCHES: Mapping[str, tuple[float, float]] = {
    "forest": (0.75, 0.3),
    "boosting": (0.3, 0.0),
    "network": (0.55, 0.1),
}
"""Branches of the choice: where the number of each is best, and what that comes to."""


def _branched(assignment: Assignment) -> float:
    best, least = BRANCHES[assignment["model"]["_name"]]
    return least + (float(assignment["model"]["rate"]) - best) ** 2


CHOICE = Scene(
    SearchSpace(
        [
            Parameter("model", Nested(tuple(BRANCHES))),
            *(
                Parameter(
                    f"model.{name}.rate",
                    Real(0, 1),
                    ("model", "rate"),
                    Condition("model", (index,)),
                )
                for index, name in enumerate(BRANCHES)
            ),
        ]
    ),
    _branched,
)


def simulate(
    scene: Scene, provider: TunerProvider[Any], options: Mapping[str, Any]
) -> Sequence[Trial]:
    """Let a tuner without budgets search a scene, one trial after the other."""
    problem = Problem(scene.space, seed=0, max_trials=TRIALS)

    def measured(trial: Trial) -> list[Event]:
        return [Measured(trial, scene.objective(trial.assignment))]

    played = TunerHarness(build(provider, options, problem)).run(TRIALS, measured)
    return [*played.trials.values()]


def build(provider: TunerProvider[Any], options: Mapping[str, Any], problem: Problem) -> Tuner:
    """Build a tuner from plain options; where it has a sampler, with random search for one."""
    built = build_options(provider.options, options)
    finalize = provider.finalize_options
    final = finalize(built, problem) if finalize else built
    sampler = [Random(RandomOptions(), problem)] if provider.has_sampler else []
    return provider.build(final, problem, *sampler)


def can_search(provider: TunerProvider[Any], scene: Scene) -> bool:
    """Tell whether a tuner searches all that a scene has."""
    return {type(p.domain) for p in scene.space.parameters} <= provider.searches
