"""The ranking has the order of a sort, and trials do not depend on when they are entered."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.contracts import Problem
from sweepwright.events import Event, Measured, Opened, Start, Trial
from sweepwright.plugins.tuners.parzen.axes import Axes
from sweepwright.plugins.tuners.parzen.trials import Ranking, RowHashes, Trials
from sweepwright.seeds import rng
from sweepwright.testing.problems import PROBLEMS

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
