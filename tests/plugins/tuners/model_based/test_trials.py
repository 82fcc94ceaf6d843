"""The ranking has the order of a sort, and trials do not depend on when they are entered."""

import math
import time
import tracemalloc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.contracts import Problem
from sweepwright.events import (
    Event,
    Failed,
    Failure,
    FailureKind,
    Measured,
    Opened,
    Start,
    Stopped,
    Trial,
)
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.plugins.tuners.model_based.trials import Ranking, RowHashes, Trials
from sweepwright.seeds import rng
from sweepwright.space import Categorical, Integer, Real, SearchSpace
from sweepwright.testing.problems import PROBLEMS, space

LOSSES = st.sampled_from([0.0, 1.0, 2.5, 1e300, math.inf])


@given(st.lists(LOSSES, max_size=20), st.data())
def test_the_ranking_equals_a_stable_sort(losses: list[float], data: st.DataObject) -> None:
    ranking = Ranking()
    for trial, loss in enumerate(losses):
        ranking.add(trial, loss)
    gone = data.draw(st.sets(st.sampled_from(range(len(losses))) if losses else st.nothing()))
    for trial in gone:
        ranking.remove(trial, losses[trial])
    left = [trial for trial in range(len(losses)) if trial not in gone]

    assert list(ranking.trials) == sorted(left, key=lambda trial: losses[trial])
    assert len(ranking) == len(left)
    assert ranking.better_than(1.0) == sum(losses[trial] < 1.0 for trial in left)


def told(problem: Problem, numbers: Sequence[int], *, read_each: bool) -> Trials:
    """Tell trials of these numbers, some of which do not end; read after each event or not."""
    axes = Axes(problem.space)
    trials = Trials(problem.space, axes)
    rows = problem.space.decode(problem.space.sample(rng(0, "rows"), len(numbers)))
    events: list[Event] = []
    for number, assignment in zip(numbers, rows, strict=True):
        trial = Trial(number, assignment)
        events.append(Opened(trial, Start(assignment)))
        if number % 5:
            events.append(Measured(trial, float(number * 7 % 11)))
    for event in events:
        trials.tell(event)
        if read_each:
            assert len(trials)
    return trials


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS.keys())
def test_trials_that_are_entered_together_have_the_points_of_single_ones(problem: Problem) -> None:
    """To the last bit: a resume enters them together, and must suggest the same."""
    numbers = range(101)
    single, together = (told(problem, numbers, read_each=each) for each in (True, False))
    ended = list(single.ranking.trials)

    assert list(together.ranking.trials) == ended
    assert list(together.pending) == list(single.pending)
    assert together.points(range(101)).tobytes() == single.points(range(101)).tobytes()
    assert together.bins(range(101)).tobytes() == single.bins(range(101)).tobytes()
    assert together.losses(ended).tobytes() == single.losses(ended).tobytes()


def test_trials_are_found_whatever_their_numbers() -> None:
    """A model of one budget sees only the trials that reach it."""
    problem = PROBLEMS["every_kind"]
    trials = told(problem, [4, 1, 9, 0], read_each=False)

    assert [number in trials for number in range(10)] == [
        number in (0, 1, 4, 9) for number in range(10)
    ]
    for place, number in enumerate([4, 1, 9, 0]):
        np.testing.assert_array_equal(trials.row(number)[0], trials.points([place])[0])


def test_a_tried_row_is_known_in_an_infinite_space() -> None:
    rows = RowHashes()
    for number in range(1000):
        rows.add(np.array([number / 3, 1.0]).tobytes())

    assert all(np.array([number / 3, 1.0]).tobytes() in rows for number in range(1000))
    assert not any(np.array([number / 7, 2.0]).tobytes() in rows for number in range(1000))


def usual_space() -> SearchSpace:
    """Return a space like that of the digits example, with five parameters."""
    return space(
        learning_rate=Real(1e-4, 1e-1, log=True),
        alpha=Real(1e-6, 1e-1, log=True),
        hidden=Integer(16, 256, log=True),
        batch_size=Categorical((16, 32, 64, 128)),
        activation=Categorical(("relu", "tanh")),
    )


def test_a_trial_takes_less_than_a_hundred_bytes() -> None:
    """A driver keeps them for as long as its sweep runs."""
    problem = Problem(usual_space())
    trials = Trials(problem.space, Axes(problem.space))
    rows = problem.space.decode(problem.space.sample(rng(0, "rows"), 4096))

    def tell(first: int, last: int) -> int:
        for number in range(first, last):
            trial = Trial(number, rows[number % len(rows)])
            trials.tell(Opened(trial, Start(trial.assignment)))
            trials.tell(Measured(trial, number / 7))
        assert len(trials) == last
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        # The arrays double in size, and are full at both counts.
        before, after = tell(0, 2048), tell(2048, 4096)
    finally:
        tracemalloc.stop()

    assert (after - before) / 2048 < 100


def test_trials_that_are_entered_together_take_a_fraction_of_the_time() -> None:
    """A resume tells all of them, and asks the tuner once."""
    problem = Problem(usual_space())

    def seconds(*, read_each: bool) -> float:
        begin = time.process_time()
        assert len(told(problem, range(1500), read_each=read_each)) == 1500
        return time.process_time() - begin

    assert seconds(read_each=False) < seconds(read_each=True) / 2


def test_only_trials_that_succeeded_were_measured() -> None:
    searched = space(x=Real(0, 1))
    trials = Trials(searched, Axes(searched))
    failure = Failure(FailureKind.ERROR, "no")
    ends: list[Any] = [Measured, Stopped, lambda t, _: Failed(t, failure), None]
    for number, end in enumerate(ends):
        trial = Trial(number, {"x": 0.5})
        trials.tell(Opened(trial, Start(trial.assignment)))
        if end:
            trials.tell(end(trial, 1.0))

    assert len(trials) == 4
    assert trials.measured(np.arange(4)).tolist() == [True, False, False, False]
    assert trials.places_at(np.array([0.5])).tolist() == [0, 1, 2, 3]
