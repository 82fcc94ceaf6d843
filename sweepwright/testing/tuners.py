"""The contract of tuners as tests: what every tuner must do, and most get wrong once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import process_time
from typing import Any

from sweepwright.contracts import Budget, Problem, Tuner, TunerProvider
from sweepwright.events import Opened, Promote, Start, Suggestion
from sweepwright.seeds import rng

from .hashed import Hashed, HashedOptions
from .problems import PROBLEMS
from .rules import assert_in_space, assert_promotable, is_affordable, starts
from .tuner_harness import (
    Outcome,
    Rehearsal,
    failed,
    is_plain,
    journaled,
    lost,
    measured,
    mixed,
    renumbered,
    stopped,
    valued,
)

HARD_VALUES = {
    "equal": [0.0],
    "huge": [1e300],
    "far apart": [1e300, -1e300],
    "tiny": [5e-324, -0.0, 0.0],
}


_REHEARSED: dict[type, dict[tuple[int, Outcome], tuple[Problem, Rehearsal]]] = {}
"""Rehearsals that the tests of a suite share, by problem and outcome.

To play a rehearsal is most of a test's time, and many tests read the same one."""


class TunerSuite:
    """Puts a tuner through the contract; subclass it as ``class TestMine(TunerSuite)``."""

    provider: TunerProvider[Any]
    """The tuner, as the plugin's hook offers it."""
    repeats = False
    """Whether it may suggest one assignment twice while there are others."""
    ends = False
    """Whether it ends by itself although there are assignments left."""
    seeded = True
    """Whether another seed makes other suggestions."""
    trials = 24
    """How many suggestions are opened in one rehearsal."""

    def options(self, problem: Problem) -> Any:  # noqa: ARG002 - for who overrides it
        """Return the options for a problem; the defaults, unless overridden."""
        return self.provider.options()

    def problems(self) -> Mapping[str, Problem]:
        """Return the problems by name; those that the tuner can search, unless overridden."""
        budget = Budget(9.0) if self.provider.uses_budget else None
        return {
            name: replace(problem, budget=budget)
            for name, problem in PROBLEMS.items()
            if {type(p.domain) for p in problem.space.parameters} <= self.provider.searches
            and (problem.space.size is not None or not self.provider.finite_only)
        }

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Run each test for each problem."""
        if "problem" in metafunc.fixturenames:
            problems = self.problems()
            metafunc.parametrize("problem", problems.values(), ids=problems.keys())

    def build(self, problem: Problem) -> Tuner:
        """Build a new tuner; one that has a sampler gets one that looks at every event."""
        options = self.options(problem)
        finalize = self.provider.finalize_options
        sampler = [Hashed(HashedOptions(), problem)] if self.provider.has_sampler else []
        final = finalize(options, problem) if finalize else options
        return self.provider.build(final, problem, *sampler)

    def rehearse(
        self, problem: Problem, outcome: Outcome = mixed, *, concurrency: int = 4
    ) -> Rehearsal:
        """Play a new tuner through."""
        return Rehearsal(self.build(problem)).play(self.trials, outcome, concurrency=concurrency)

    def rehearsed(self, problem: Problem, outcome: Outcome = mixed) -> Rehearsal:
        """Return the rehearsal of a problem and an outcome, which tests share and only read."""
        shared = _REHEARSED.setdefault(type(self), {})
        # The key holds the problem, so that its id is not used again.
        key = (id(problem), outcome)
        if key not in shared:
            shared[key] = (problem, self.rehearse(problem, outcome))
        return shared[key][1]

    def test_suggestions_are_in_the_space(self, problem: Problem) -> None:
        """Every value is in its domain, active parameters are all there, and no others."""
        played = self.rehearsed(problem)

        assert_in_space(problem, played)

    def test_suggestions_are_plain(self, problem: Problem) -> None:
        """Assignments are dicts, lists, numbers, strings: ints are ints, and nothing of numpy."""
        for assignment in starts(self.rehearsed(problem)):
            again = problem.space.decode(problem.space.encode([assignment]))[0]

            assert is_plain(assignment), f"not plain: {assignment!r}"
            assert _text(again) == _text(assignment), f"types differ: {assignment!r}"

    def test_no_more_than_asked_for(self, problem: Problem) -> None:
        """An ask returns up to `count` suggestions, and none for none."""
        tuner = self.build(problem)

        assert [len(tuner.ask(count)) <= count for count in (0, 1, 2, 7)] == [True] * 4

    def test_one_seed_repeats(self, problem: Problem) -> None:
        """Two tuners of one seed, told the same, ask the same."""
        assert self.rehearse(problem).asked == self.rehearsed(problem).asked

    def test_another_seed_differs(self, problem: Problem) -> None:
        """Another seed makes another sweep, wherever there is room for one."""
        if self.seeded and problem.space.size is None:
            asked = {str(self.rehearse(replace(problem, seed=seed)).asked) for seed in range(3)}

            assert len(asked) == 3, "the seed makes no difference"

    def test_ask_changes_nothing_that_lasts(self, problem: Problem) -> None:
        """Asking twice gives the same, and so does never having asked before."""
        curious, quiet = self.build(problem), self.build(problem)
        for number, event in enumerate(self.rehearsed(problem).events):
            # Not after each event, for time. Most trials have four, so that a step of five
            # comes after events of every kind.
            asks = number % 5 == 0
            if asks:
                curious.ask(1)
            curious.tell(event)
            if asks:
                assert list(curious.ask(5)) == list(curious.ask(5)), "asked twice, two answers"
            quiet.tell(event)

        assert list(curious.ask(3)) == list(quiet.ask(3)), "earlier asks made a difference"

    def test_suggestions_are_not_shared(self, problem: Problem) -> None:
        """Whoever changes what was suggested does not change what will be."""
        tuner = self.build(problem)
        before = _text([_written(suggestion) for suggestion in tuner.ask(3)])
        for suggestion in tuner.ask(3):
            if isinstance(suggestion, Start) and isinstance(suggestion.assignment, dict):
                suggestion.assignment.clear()

        assert _text([_written(suggestion) for suggestion in tuner.ask(3)]) == before

    def test_replay_repeats_every_ask(self, problem: Problem) -> None:
        """A tuner told the journaled events again asks what the one before it asked."""
        played = self.rehearsed(problem)
        asks = list(zip(played.asks, played.asked, strict=True))
        for (told, count), asked in asks[:: max(len(asks) // 5, 1)]:
            replayed = self.build(problem)
            for event in played.events[:told]:
                replayed.tell(journaled(event))

            assert list(replayed.ask(count)) == asked, f"differs after {told} events"

    def test_attempts_make_no_difference(self, problem: Problem) -> None:
        """After an interruption a trial may end well as a later attempt, with its checkpoint."""
        events = self.rehearsed(problem).events
        plain, interrupted = self.build(problem), self.build(problem)
        for event in events:
            plain.tell(event)
            interrupted.tell(event if isinstance(event, Opened) else replace(event, attempt=7))
        before, after = plain.ask(3), interrupted.ask(3)

        assert [_written(s) for s in before] == [_written(s) for s in after]

    def test_failures_are_survived(self, problem: Problem) -> None:
        """When every trial fails, vanishes or is stopped, as many are tried."""
        well = len(self.rehearsed(problem, measured).trials)
        for outcome in (failed, lost, stopped):
            played = self.rehearsed(problem, outcome)

            assert len(played.trials) >= well, f"{outcome.__name__}: gave up"
            assert_in_space(problem, played)

    def test_failures_are_remembered(self, problem: Problem) -> None:
        """What failed is not tried again while there is something else."""
        for outcome in (failed, lost, stopped):
            self._assert_no_repetition(problem, self.rehearsed(problem, outcome))

    def test_nothing_is_suggested_twice(self, problem: Problem) -> None:
        """No assignment comes again while there are others, in one ask or over many."""
        self._assert_no_repetition(problem, self.rehearsed(problem, measured))
        asked = list(self.build(problem).ask(problem.concurrency))
        together = [_text(s.assignment) for s in asked if isinstance(s, Start)]

        assert self.repeats or len(together) == len(set(together)), "twice in one ask"

    def test_never_waits_when_nothing_runs(self, problem: Problem) -> None:
        """With nothing running there is something to do, or the tuner has ended for good."""
        for concurrency, last_first in ((1, False), (4, False), (4, True)):
            played = Rehearsal(self.build(problem))
            played.play(self.trials, mixed, concurrency=concurrency, last_first=last_first)
            if not played.asked[-1] and not played.running:
                self._assert_ended(problem, played)

    def test_only_some_may_be_opened(self, problem: Problem) -> None:
        """The driver may open fewer than it asked for, when the sweep is nearly over."""
        played = Rehearsal(self.build(problem))
        for _ in range(self.trials):
            for suggestion in played.ask(5)[:1]:
                played.end(played.open(suggestion).number, mixed)

        assert_in_space(problem, played)
        self._assert_no_repetition(problem, played)

    def test_trials_of_others_are_accepted(self, problem: Problem) -> None:
        """Start assignments and imported results come from nowhere, and some end badly."""
        played = Rehearsal(self.build(problem))
        space = problem.space
        for assignment in space.decode(space.sample(rng(5, "others"), 8)):
            played.open(Start(assignment, problem.budget.maximum if problem.budget else None))
        for number in list(played.running):
            played.end(number, mixed)
        played.play(self.trials, mixed, concurrency=4)

        assert_in_space(problem, played)

    def test_one_assignment_over_and_over(self, problem: Problem) -> None:
        """Thirty trials of one assignment are no reason to fail, alike or as they may end."""
        assignment = problem.space.decode(problem.space.sample(rng(5, "others"), 1))[0]
        for outcome in (measured, failed, valued(HARD_VALUES["far apart"])):
            played = Rehearsal(self.build(problem))
            for _ in range(30):
                played.end(played.open(Start(assignment)).number, outcome)
            played.play(4, outcome)

            assert_in_space(problem, played)

    def test_hard_values(self, problem: Problem) -> None:
        """Values all equal, huge, far apart or tiny are values."""
        for values in HARD_VALUES.values():
            assert_in_space(problem, self.rehearse(problem, valued(values)))

    def test_promotions(self, problem: Problem) -> None:
        """Only a trial that ended well is promoted, to more budget, and once to each."""
        played = Rehearsal(self.build(problem))
        seen: set[Suggestion] = set()
        for _ in range(self.trials):
            for suggestion in played.ask(4 - len(played.running)):
                if isinstance(suggestion, Promote):
                    assert_promotable(suggestion, played, seen)
                    seen.add(suggestion)
                played.open(suggestion)
            for number in list(played.running)[:2]:
                played.end(number, mixed)

    def test_budgets_are_within_bounds(self, problem: Problem) -> None:
        """Suggestions have budgets, of the sweep's bounds, where and only where the sweep has."""
        for suggestion in (s for asked in self.rehearsed(problem).asked for s in asked):
            assert is_affordable(suggestion, problem), f"out of bounds: {suggestion}"

    def test_events_are_left_alone(self, problem: Problem) -> None:
        """Neither tell nor ask changes what it was told."""
        assert self.rehearsed(problem).changed == []

    def test_tell_is_cheap(self, problem: Problem) -> None:
        """A thousand events take less than a second: a resume tells them all again."""
        events = self.rehearsed(problem).events
        tuner = self.build(problem)
        begun = process_time()
        for number in range(1000 // max(len(events), 1) + 1):
            for event in events:
                tuner.tell(renumbered(event, number * len(events)))

        assert process_time() - begun < 1.0

    def _assert_no_repetition(self, problem: Problem, played: Rehearsal) -> None:
        tried = [_text(assignment) for assignment in played.assignments]
        size = problem.space.size
        distinct = tried if size is None else tried[:size]
        assert self.repeats or len(set(distinct)) == len(distinct), "an assignment came twice"

    def _assert_ended(self, problem: Problem, played: Rehearsal) -> None:
        tried = {_text(assignment) for assignment in played.assignments}
        complete = len(tried) == problem.space.size
        assert self.ends or complete or len(played.trials) >= self.trials, "waits for nothing"
        assert not played.tuner.ask(5), "had ended, and went on"


def _written(suggestion: Suggestion) -> Sequence[Any]:
    match suggestion:
        case Start(assignment, budget, parent):
            return [assignment, budget, parent and parent.trial]
        case Promote(trial, budget):
            return [trial, budget]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
