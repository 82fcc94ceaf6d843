"""The tuner around a model passes on its repeats and beliefs."""

from collections.abc import Sequence

import numpy as np

from sweepwright.contracts import Belief, Prediction, Problem
from sweepwright.events import Measured, Opened, Start, Suggestion, Trial
from sweepwright.plugins.tuners.model_based.axes import Axes, Floats
from sweepwright.plugins.tuners.model_based.trials import Trials
from sweepwright.plugins.tuners.model_based.tuner import Model, ModelBasedTuner, Repeat
from sweepwright.space import Integer, Real, SearchSpace
from sweepwright.testing.problems import space

LINE = space(x=Real(0, 1))
SHORT = space(x=Integer(1, 3))


class Doubter:
    """Proposes to repeat the first trial, once for each `ask`."""

    def __init__(self, searched: SearchSpace = LINE) -> None:
        self._space = searched

    def propose(self, draws: np.random.Generator, proposed: Floats) -> Floats | Repeat:
        if not len(proposed):
            return Repeat(0, "to be sure")
        return self._space.sample(draws, 4)


class Prophet:
    """Believes that the first number is best."""

    def propose(self, draws: np.random.Generator, _proposed: Floats) -> Floats:
        return draws.uniform(size=(4, 1))

    def belief(self) -> Belief:
        return Belief(Prediction({"x": 0.0}, 1.0, 0.5), {"x": 1.0})


def built(model: Model, searched: SearchSpace = LINE, *, repeats: bool = False) -> ModelBasedTuner:
    trials = Trials(searched, Axes(searched))
    return ModelBasedTuner(Problem(searched), trials, model, startup=1, repeats=repeats)


def end(tuner: ModelBasedTuner, suggestions: Sequence[Suggestion], first: int = 0) -> None:
    """Open and measure trials of the suggestions."""
    for number, suggestion in enumerate(suggestions, first):
        assert isinstance(suggestion, Start)
        trial = Trial(number, suggestion.assignment)
        tuner.tell(Opened(trial, suggestion))
        tuner.tell(Measured(trial, 1.0))


def test_a_repeat_names_the_first_trial_and_has_its_assignment() -> None:
    tuner = built(Doubter(), repeats=True)
    (first,) = tuner.ask(1)
    end(tuner, [first])

    repeat, new = tuner.ask(2)

    assert isinstance(first, Start)
    assert repeat == Start(first.assignment, repeats=0, reason="to be sure")
    assert isinstance(new, Start)
    assert new.repeats is None
    assert new.assignment != first.assignment


def test_changing_a_repeat_does_not_change_the_next() -> None:
    tuner = built(Doubter(), repeats=True)
    end(tuner, tuner.ask(1))
    (repeat,) = tuner.ask(1)
    assert isinstance(repeat, Start)
    assert isinstance(repeat.assignment, dict)
    repeat.assignment["x"] = "changed"

    assert "changed" not in str(tuner.ask(1))


def test_a_finite_space_ends_when_all_of_it_has_been_tried() -> None:
    """Although the model would repeat trials for ever."""
    tuner = built(Doubter(SHORT), SHORT, repeats=True)
    for number, value in enumerate((1, 2)):
        end(tuner, [Start({"x": value})], number)
    repeat, last = tuner.ask(2)
    assert isinstance(repeat, Start)
    assert repeat.repeats == 0
    assert last == Start({"x": 3})
    end(tuner, [repeat, last], 2)

    assert tuner.ask(2) == []


def test_the_beliefs_of_a_model_are_those_of_the_tuner() -> None:
    believing, other = built(Prophet()), built(Doubter())
    assert believing.belief() is None  # no trial has ended
    for tuner in (believing, other):
        end(tuner, tuner.ask(1))

    belief = believing.belief()
    assert belief is not None
    assert belief.importance == {"x": 1.0}
    assert other.belief() is None
