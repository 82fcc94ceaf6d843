"""Random search: the k-th draw is the k-th, whatever came before."""

from sweepwright.events import Measured, Opened, Suggestion, Trial
from sweepwright.plugins.tuners.random import Random, RandomOptions
from sweepwright.testing.problems import PROBLEMS
from sweepwright.testing.rehearsal import Rehearsal, mixed


def tuner() -> Random:
    return Random(RandomOptions(), PROBLEMS["every_kind"])


def test_one_at_a_time_or_all_at_once_is_the_same() -> None:
    one_by_one = Rehearsal(tuner()).play(12, mixed, concurrency=1)
    together = tuner().ask(12)

    assert [s for asked in one_by_one.asked for s in asked] == list(together)


def test_only_the_number_opened_counts() -> None:
    first, second = tuner(), tuner()
    suggestions: list[Suggestion] = list(first.ask(3))
    for number, suggestion in enumerate(suggestions):
        opened = Opened(Trial(number, {}), suggestion)
        first.tell(opened)
        second.tell(opened)
        second.tell(Measured(opened.trial, 0.5))

    assert first.ask(2) == second.ask(2) == tuner().ask(5)[3:]
