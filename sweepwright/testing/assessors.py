"""Contract suite for assessors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from time import process_time
from typing import Any

from sweepwright.contracts import Assessor, AssessorProvider, Budget, Problem
from sweepwright.events import (
    CheckpointRef,
    Event,
    Failed,
    Failure,
    FailureKind,
    Lost,
    Measured,
    Opened,
    Promote,
    Reported,
    Start,
    Stopped,
    Trial,
)
from sweepwright.seeds import rng

from .problems import PROBLEMS
from .tuner_harness import journaled, renumbered, written

STEPS = 12
"""Number of reports of a trial that is not stopped early."""
NEW = Trial(1000, {"rate": 0.1})
"""A trial that no event concerns."""
HARD_CURVES: Mapping[str, Sequence[float]] = {
    "one value": [0.5],
    "zero": [0.0],
    "equal": [0.25] * 9,
    "two values": [1.0, 0.5],
    "huge": [1e300, 1e299, 1e300, -1e300, 1e298, 1e300, 1e297, 0.0],
    "tiny": [5e-324, -0.0, 0.0, 5e-324, 0.0, 5e-324, 0.0, 0.0],
    "far apart": [1e300, 1.0, 1e-300, 0.0, -1e-300, -1.0, -1e300, -1.7e308],
    "further apart than the largest float": [1.7e308, -1.7e308, 1.7e308, 0.0, -1.7e308] * 2,
    "growing worse": [2.0**step for step in range(10)],
    "a jump": [1.0] * 6 + [0.0] * 3,
    "longer than it should be": [1 / step for step in range(1, 200)],
}


def curve_of(number: int, steps: int = STEPS) -> list[float]:
    """Make a minimised learning curve that depends only on the trial's number."""
    draws = rng(number, "curve")
    end, speed = draws.uniform(0, 1), draws.uniform(0.3, 1.5)
    noise = 0.01 * draws.standard_normal(steps)
    return [end + float(step**-speed + noise[step - 1]) for step in range(1, steps + 1)]


def reports(trial: Trial, curve: Sequence[float | None], **facts: Any) -> list[Event]:
    """Return the events of a trial that reports these values one after the other."""
    return [
        Reported(trial, value, sequence=sequence, **facts) for sequence, value in enumerate(curve)
    ]


def measured(trial: Trial) -> list[Event]:
    """Return events of a trial that reports at every step, once without a value, and succeeds."""
    curve = curve_of(trial.number)
    told = reports(trial, [*curve[:3], None, *curve[3:]])
    return [*told, Measured(trial, curve[-1], metrics={"default": curve[-1]})]


def stopped(trial: Trial) -> list[Event]:
    """Return events of a trial that is stopped halfway, or (every second trial) at the start."""
    curve = curve_of(trial.number)[: 4 * (trial.number % 2)]
    return [*reports(trial, curve), Stopped(trial, curve[-1] if curve else None, "hopeless")]


def failed(trial: Trial) -> list[Event]:
    """Return events of a trial that reports very good values and then fails."""
    return [*reports(trial, [-9.0] * 5), Failed(trial, Failure(FailureKind.ERROR, "no"))]


def lost(trial: Trial) -> list[Event]:
    """Return events of a trial that reports no usable value and then vanishes."""
    return [*reports(trial, [None]), Lost(trial, Failure(FailureKind.LOST, "it vanished"))]


def promoted(trial: Trial) -> list[Event]:
    """Return events of a trial that succeeds with a small budget and then with the whole budget.

    With the larger budget, a trial with an even number starts without its checkpoint.
    """
    curve, whole = curve_of(trial.number), replace(trial, budget=float(STEPS))
    first = [*reports(trial, curve[:4]), Measured(trial, curve[3])]
    opened = Opened(whole, Promote(trial.number, float(STEPS)))
    continued = bool(trial.number % 2)
    rest = reports(whole, curve[4 * continued :], attempt=2, continued=continued)
    return [*first, opened, *rest, Measured(whole, curve[-1], 2)]


def retried(trial: Trial) -> list[Event]:
    """Return events of a trial whose first attempt is lost and whose second attempt succeeds."""
    return [*reports(trial, [3.0, 2.0]), *map(_later, measured(trial))]


WAYS = (measured, measured, stopped, measured, failed, promoted, lost, measured, retried)
"""Ways in which trials end; successive trials use successive ways."""


def history(trials: int = 27) -> list[Event]:
    """Return the events of trials that end in all ways; the last trial has a parent."""
    events: list[Event] = []
    for number in range(trials):
        budget = 4.0 if WAYS[number % len(WAYS)] is promoted else float(STEPS)
        trial = Trial(number, {"rate": number / 100}, budget)
        parent = CheckpointRef(0, 1) if number == trials - 1 else None
        opened = Opened(trial, Start(trial.assignment, budget, parent))
        events += [opened, *WAYS[number % len(WAYS)](trial)]
    return events


class AssessorSuite:
    """Contract suite for an assessor; subclass it as ``class TestMine(AssessorSuite)``."""

    provider: AssessorProvider[Any]
    """Provider of the assessor, as the plugin's hook returns it."""

    def options(self, problem: Problem) -> Any:  # noqa: ARG002 - for who overrides it
        """Return the assessor's options for a problem; override this to change the defaults."""
        return self.provider.options()

    def problems(self) -> Mapping[str, Problem]:
        """Return a mapping from name to problem; a trial of each problem makes `STEPS` reports."""
        problem = replace(PROBLEMS["smooth"], budget=Budget(float(STEPS)))
        return {"minimize": problem, "maximize": replace(problem, maximize=True)}

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Run each test once per problem."""
        if "problem" in metafunc.fixturenames:
            problems = self.problems()
            metafunc.parametrize("problem", problems.values(), ids=problems.keys())

    def build(self, problem: Problem, events: Iterable[Event] = ()) -> Assessor:
        """Build a new assessor and tell it the events."""
        options = self.options(problem)
        finalize = self.provider.finalize_options
        final = finalize(options, problem) if finalize else options
        assessor = self.provider.build(final, problem)
        for event in events:
            assessor.tell(event)
        return assessor

    def test_options_are_found_right(self, problem: Problem) -> None:
        """The options that the suite uses pass the provider's own check."""
        found = self.provider.check(self.options(problem), problem) if self.provider.check else ()

        assert list(found) == []

    def test_reasons_are_one_short_line(self, problem: Problem) -> None:
        """`assess` returns None or a reason, which is one short line of text, for tables."""
        for answer in answers(self.build(problem, history())):
            assert answer is None or isinstance(answer, str)
            assert answer is None or 0 < len(answer) <= 120, f"not short: {answer!r}"
            assert answer is None or answer.isprintable(), f"not one line: {answer!r}"

    def test_replay_gives_the_same_answers(self, problem: Problem) -> None:
        """A new assessor that is told the journaled events gives the same answers."""
        events = history()
        assessor = self.build(problem)
        for told, event in enumerate(events, 1):
            assessor.tell(event)
            if told % 61 == 60 or told == len(events):
                replayed = self.build(problem, [journaled(event) for event in events[:told]])

                assert answers(replayed) == answers(assessor), f"differs after {told} events"

    def test_assess_changes_nothing_that_lasts(self, problem: Problem) -> None:
        """Two equal calls of `assess` give the same answer, whatever calls precede them."""
        curious, quiet = self.build(problem), self.build(problem)
        for told, event in enumerate(history()):
            curious.tell(event)
            quiet.tell(event)
            if told % 61 == 60:
                assert answers(curious) == answers(curious), "two equal calls, two answers"

        assert answers(curious) == answers(quiet), "earlier calls of `assess` changed the answer"

    def test_trials_are_judged_independently(self, problem: Problem) -> None:
        """Calls of `assess` for one trial do not change the answers for another trial."""
        assessor = self.build(problem, history())
        alone = answers(self.build(problem, history()), numbers=[1003])
        together = answers(assessor, numbers=[1001, 1002, 1003])

        assert together[-len(alone) :] == alone

    def test_a_seed_repeats(self, problem: Problem) -> None:
        """Two assessors with the same seed and the same events give the same answers."""
        first, second = self.build(problem, history()), self.build(problem, history())

        assert answers(first) == answers(second)

    def test_attempts_make_no_difference(self, problem: Problem) -> None:
        """Answers do not depend on the attempt in which a trial succeeds."""
        events = [event for way in (measured, stopped, failed) for event in _many(way)]
        later = [_later(event, 7) for event in events]

        assert answers(self.build(problem, later)) == answers(self.build(problem, events))

    def test_failures_are_survived(self, problem: Problem) -> None:
        """If every trial fails, vanishes or is stopped, `assess` still returns answers."""
        for way in (failed, lost, stopped):
            answers(self.build(problem, _many(way)))

    def test_trials_of_others_are_accepted(self, problem: Problem) -> None:
        """Reports and ends of a trial cause no error, even without its `Opened` event."""
        unopened = [event for event in history() if not isinstance(event, Opened)]

        assert answers(self.build(problem, unopened)) is not None

    def test_hard_curves(self, problem: Problem) -> None:
        """Equal, huge, tiny, far apart or too many values cause no error."""
        for name, curve in HARD_CURVES.items():
            others = [Trial(number, {}) for number in range(6)]
            events = [e for t in others for e in (*reports(t, curve), Measured(t, curve[-1]))]
            for assessor in (self.build(problem, events), self.build(problem, history())):
                for end in range(1, len(curve) + 1, 1 + len(curve) // 20):
                    answer = assessor.assess(NEW, curve[:end])
                    assert answer is None or isinstance(answer, str), name

    def test_events_and_curves_are_left_alone(self, problem: Problem) -> None:
        """The methods `tell` and `assess` do not change events, curves or trials."""
        events = history()
        before = [written(event) for event in events]
        assessor = self.build(problem, events)
        curve = curve_of(5)
        trial = deepcopy(NEW)
        assessor.assess(trial, curve)

        assert [written(event) for event in events] == before
        assert (trial, curve) == (NEW, curve_of(5))

    def test_a_curve_is_any_sequence(self, problem: Problem) -> None:
        """A tuple and a list of the same values give the same answer."""
        assessor = self.build(problem, history())
        curve = curve_of(7)

        assert assessor.assess(NEW, tuple(curve)) == assessor.assess(NEW, curve)

    def test_tell_is_cheap(self, problem: Problem) -> None:
        """Ten thousand events take less than a second, because a resume tells all events again."""
        events = history()
        assessor = self.build(problem)
        begun = process_time()
        for number in range(10_000 // len(events) + 1):
            for event in events:
                assessor.tell(renumbered(event, number * len(events)))

        assert process_time() - begun < 1.0


def answers(assessor: Assessor, numbers: Sequence[int] = (1001, 1002)) -> list[str | None]:
    """Return the answers for new trials with growing curves, good curves and bad curves."""
    return [
        assessor.assess(Trial(number, {}), curve[:end])
        for number in numbers
        for curve in (curve_of(number), [value + 0.5 for value in curve_of(number)])
        for end in (1, 3, 6, 8, STEPS)
    ]


def _later(event: Event, attempt: int = 2) -> Event:
    return event if isinstance(event, Opened) else replace(event, attempt=attempt)


def _many(way: Any) -> Iterator[Event]:
    for number in range(8):
        trial = Trial(number, {"rate": number / 10}, float(STEPS))
        yield Opened(trial, Start(trial.assignment, trial.budget))
        yield from way(trial)
