"""Which trials the forest is grown on, and what it says of running trials."""

import numpy as np
import pytest

from sweepwright.events import Measured, Opened, Start, Trial
from sweepwright.plugins.tuners.forest import surrogate as module
from sweepwright.plugins.tuners.forest.encoding import encode
from sweepwright.plugins.tuners.forest.surrogate import Surrogate
from sweepwright.plugins.tuners.model_based.axes import Axes
from sweepwright.plugins.tuners.model_based.trials import Trials
from sweepwright.seeds import rng
from sweepwright.space import Real
from sweepwright.testing.problems import space

SQUARE = space(x=Real(0, 1), y=Real(0, 1))
ROWS = SQUARE.sample(rng(0, "rows"), 80)
WHERE = encode(SQUARE.sample(rng(1, "rows"), 50))


def told(count: int, surrogate_at: int = 0) -> Surrogate:
    """Tell trials, and read the surrogate once in between."""
    trials = Trials(SQUARE, Axes(SQUARE))
    surrogate = Surrogate(trials, first=5, seed=0)
    for number, assignment in enumerate(SQUARE.decode(ROWS[:count])):
        trial = Trial(number, assignment)
        trials.tell(Opened(trial, Start(assignment)))
        trials.tell(Measured(trial, float(((ROWS[number] - 0.3) ** 2).sum())))
        if number == surrogate_at > 5:
            surrogate.state()
    return surrogate


@pytest.mark.parametrize("count", [5, 23, 40])
def test_the_forest_is_a_function_of_the_events(count: int) -> None:
    """What was computed before makes no difference."""
    one, other = told(count).state(), told(count, surrogate_at=count - 3).state()

    np.testing.assert_array_equal(one.forest.predict(WHERE), other.forest.predict(WHERE))


def test_trials_between_two_forests_change_the_leaves_alone() -> None:
    """With 22 ended trials, the trees are those of 21; with 24, they are new."""
    forests = [told(count).state().forest for count in (21, 22, 24)]
    thresholds = [[tree.threshold.tolist() for tree in f.trees.trees] for f in forests]

    assert thresholds[0] == thresholds[1] != thresholds[2]
    assert not np.array_equal(forests[0].means, forests[1].means)


def test_of_many_trials_the_best_and_a_sample_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEST", 8)
    monkeypatch.setattr(module, "SAMPLED", 4)
    places = told(60).state().places
    best = np.argsort(((ROWS[:60] - 0.3) ** 2).sum(axis=1))[:8]

    # At most a tenth of the trials have ended since the trees were grown.
    assert 12 <= len(places) <= 18
    assert set(best.tolist()) <= set(places.tolist())
    assert len(set(places.tolist())) == len(places)


def test_running_trials_count_as_mediocre() -> None:
    surrogate = told(40)
    state = surrogate.state()
    best = int(np.argmin(state.targets.values))
    point = state.features[best : best + 1].astype(float)
    before, _ = state.forest.predict(encode(point))
    forest, known = surrogate.with_pending(point)
    after, _ = forest.predict(encode(point))

    assert len(known) == len(state.features) + 1
    assert before[0] < -1
    assert after[0] == pytest.approx(before[0] / 2, rel=0.2)
