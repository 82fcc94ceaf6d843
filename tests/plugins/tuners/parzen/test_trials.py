"""The ranking always has the order of a sort."""

import math

from hypothesis import given
from hypothesis import strategies as st

from sweepwright.plugins.tuners.parzen.trials import Ranking

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

    assert ranking.trials == sorted(left, key=lambda trial: losses[trial])
    assert len(ranking) == len(left)
    assert ranking.better_than(1.0) == sum(losses[trial] < 1.0 for trial in left)
