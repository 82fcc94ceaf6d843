"""Checks of what tuners repeat and believe, for the contract suite of tuners."""

from collections.abc import Callable
from math import isfinite

from sweepwright.contracts import Belief, Problem, Tuner
from sweepwright.events import Opened, Start

from .tuner_harness import TunerHarness, as_text, journaled


def assert_sound_repeats(played: TunerHarness) -> None:
    """Check that each suggested repeat names the first trial of the same assignment."""
    for (told, _), asked in zip(played.asks, played.asked, strict=True):
        repeats = [s for s in asked if isinstance(s, Start) and s.repeats is not None]
        opened = _openings(played, told) if repeats else {}
        for repeat in repeats:
            first = opened.get(repeat.repeats)
            assert first is not None, f"repeats a trial that was not opened: {repeat}"
            assert first.repeats is None, f"repeats a trial that is a repeat: {repeat}"
            same = as_text(first.assignment) == as_text(repeat.assignment)
            assert same, f"repeats a trial of another assignment: {repeat}"


def _openings(played: TunerHarness, told: int) -> dict[int | None, Start]:
    return {
        event.trial.number: event.suggestion
        for event in played.events[:told]
        if isinstance(event, Opened) and isinstance(event.suggestion, Start)
    }


def assert_sound_beliefs(
    problem: Problem, build: Callable[[Problem], Tuner], played: TunerHarness
) -> None:
    """Check that a tuner's belief is sound at any time, and that it depends on events alone."""
    tuner, replayed = build(problem), build(problem)
    assert _belief(tuner) is None, "believes something before the first result"
    for number, event in enumerate(played.events):
        tuner.tell(event)
        replayed.tell(journaled(event))
        if number % max(len(played.events) // 3, 1) == 0:
            _assert_sound(problem, _belief(tuner))
    belief, asked = _belief(tuner), list(tuner.ask(2))

    _assert_sound(problem, belief)
    assert belief == _belief(tuner), "two equal calls, two beliefs"
    assert asked == list(replayed.ask(2)), "a belief changed the suggestions"
    assert belief == _belief(replayed), "a belief depends on more than the events"


def _belief(tuner: Tuner) -> Belief | None:
    belief: Belief | None = getattr(tuner, "belief")()  # noqa: B009 - not part of `Tuner`
    return belief


def _assert_sound(problem: Problem, belief: Belief | None) -> None:
    if belief is None:
        return
    names = {parameter.name for parameter in problem.space.parameters}
    assert set(belief.importance) <= names, f"not parameters: {set(belief.importance) - names}"
    assert all(0 <= share <= 1 for share in belief.importance.values()), "a share is not in [0, 1]"
    if best := belief.best:
        misfits = problem.space.misfits(best.assignment)
        assert not misfits, f"{best.assignment!r}: {misfits}"
        assert isfinite(best.mean), "the mean is not finite"
        assert 0 <= best.deviation < float("inf"), "the deviation is negative or not finite"
