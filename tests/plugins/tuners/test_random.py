"""In every mode of random search the k-th draw depends on k and the seed alone."""

from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

from sweepwright.contracts import Problem
from sweepwright.events import Measured, Opened, Start, Suggestion, Trial
from sweepwright.expressions import parse
from sweepwright.plugins.tuners._quasi_random import CHUNK_SIZE, sobol
from sweepwright.plugins.tuners.random import Random, RandomOptions, check, finalize_options
from sweepwright.space import Parameter, Real, SearchSpace
from sweepwright.testing.problems import PROBLEMS, space
from sweepwright.testing.tuner_harness import TunerHarness, mixed

MODES: list[RandomOptions] = [
    RandomOptions(),
    RandomOptions("sobol"),
    RandomOptions("latin"),
    RandomOptions("latin", 7),
]
CUBE = space(x=Real(0, 1), y=Real(0, 1))


@pytest.fixture(params=MODES, ids=str)
def options(request: pytest.FixtureRequest) -> Any:
    return request.param


def tuner(options: RandomOptions, problem: Problem = PROBLEMS["every_kind"]) -> Random:
    return Random(options, problem)


def opened(count: int) -> list[Opened]:
    return [Opened(Trial(number, {}), Start({})) for number in range(count)]


def asked(options: RandomOptions, problem: Problem, count: int) -> np.ndarray[Any, Any]:
    """Return the first assignments as points of the unit cube."""
    starts = [s for s in tuner(options, problem).ask(count) if isinstance(s, Start)]
    return problem.space.unit(problem.space.encode([start.assignment for start in starts]))


def test_one_at_a_time_or_all_at_once_is_the_same(options: RandomOptions) -> None:
    one_by_one = TunerHarness(tuner(options)).run(12, mixed, concurrency=1)
    together = tuner(options).ask(12)

    assert [s for asked in one_by_one.asked for s in asked] == list(together)


def test_suggestions_depend_only_on_the_number_of_opened_trials(options: RandomOptions) -> None:
    first, second = tuner(options), tuner(options)
    suggestions: list[Suggestion] = list(first.ask(3))
    for number, suggestion in enumerate(suggestions):
        event = Opened(Trial(number, {}), suggestion)
        first.tell(event)
        second.tell(event)
        second.tell(Measured(event.trial, 0.5))

    assert first.ask(2) == second.ask(2) == tuner(options).ask(5)[3:]


def test_a_resumed_tuner_continues_the_sequence(options: RandomOptions) -> None:
    """Across the borders of chunks and blocks, in both directions."""
    resumed = tuner(options)
    for event in opened(2 * CHUNK_SIZE + 3):
        resumed.tell(event)
    late = resumed.ask(CHUNK_SIZE)

    assert late == tuner(options).ask(3 * CHUNK_SIZE + 3)[2 * CHUNK_SIZE + 3 :]
    assert late == resumed.ask(CHUNK_SIZE)


def test_an_infeasible_point_is_replaced_by_a_draw_with_its_number() -> None:
    """Other points are not affected, and neither are they by more trials in a block."""
    half = SearchSpace(CUBE.parameters, [parse("x + y <= 1")])
    for mode in ("sobol", "latin"):
        options = RandomOptions(mode, 16 if mode == "latin" else None)
        free = asked(options, Problem(CUBE), 64)
        bound = asked(options, Problem(half), 64)
        drawn = asked(RandomOptions(), Problem(half), 64)
        kept = free.sum(axis=1) <= 1

        assert 16 < kept.sum() < 48
        assert (bound[kept] == free[kept]).all()
        assert (bound[~kept] == drawn[~kept]).all()


def test_a_latin_hypercube_has_one_point_in_each_stratum_of_each_axis() -> None:
    points = asked(RandomOptions("latin"), Problem(CUBE, max_trials=20), 40)
    strata = np.sort(np.floor(points.reshape(2, 20, 2) * 20), axis=1)

    assert (strata == np.arange(20)[None, :, None]).all()
    assert (points[:20] != points[20:]).all()


def test_sobol_has_one_point_in_each_elementary_interval() -> None:
    """Intervals in base two of any shape, with and without scrambling."""
    points = asked(RandomOptions("sobol"), Problem(CUBE), 64)
    for across in (1, 2, 4, 8, 16, 32, 64):
        cells = np.floor(points * [across, 64 / across]) @ [64 / across, 1]

        assert sorted(cells) == list(range(64))


def test_chunks_of_the_sequence_are_the_same_in_any_order() -> None:
    forth, back = sobol(3, 0), sobol(3, 0)
    numbers = [0, 5000, 70, 129, 1]

    assert all(
        (a == b).all()
        for a, b in zip(map(forth, numbers), [*map(back, numbers[::-1])][::-1], strict=True)
    )


def test_the_block_size_is_fixed_in_the_plan() -> None:
    problem = PROBLEMS["smooth"]
    final = [
        finalize_options(options, replace(problem, max_trials=limit)).block
        for options in (RandomOptions("latin"), RandomOptions("latin", 8), RandomOptions("sobol"))
        for limit in (20, 10_000, None)
    ]

    assert final == [20, 1000, 100, 8, 8, 8, None, None, None]


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        (RandomOptions(), []),
        (RandomOptions("latin", 1), []),
        (RandomOptions("latin", 0), [("block",)]),
        (RandomOptions("latin", 10**9), [("block",)]),
        (RandomOptions("sobol", 8), [("block",)]),
    ],
)
def test_invalid_blocks_are_reported(options: RandomOptions, paths: list[Any]) -> None:
    assert [found.path for found in check(options, PROBLEMS["smooth"])] == paths


def test_a_space_too_large_for_sobols_sequence_is_reported() -> None:
    huge = SearchSpace([Parameter(f"x{i}", Real(0, 1)) for i in range(21_202)])
    (found,) = check(RandomOptions("sobol"), Problem(huge))

    assert found.path == ("mode",)
    assert not list(check(RandomOptions("latin"), Problem(huge)))


def test_the_largest_sequence_is_computed() -> None:
    assert sobol(21_201, 0)(64).shape == (21_201,)


def test_points_fill_the_cube_more_evenly_than_draws() -> None:
    """Measured by the variance of an estimated mean of a smooth function over ten seeds."""

    def spread(options: RandomOptions) -> float:
        problems = (Problem(CUBE, seed, max_trials=32) for seed in range(10))
        means = [np.exp(-asked(options, p, 32).sum(axis=1)).mean() for p in problems]
        return float(np.std(means))

    apart, evenly = spread(RandomOptions()), [*map(spread, islice(MODES, 1, 3))]

    assert max(evenly) < apart / 3
