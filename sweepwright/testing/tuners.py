"""Contract suite for tuners."""

from collections.abc import Mapping
from dataclasses import replace
from time import process_time
from typing import Any

from sweepwright.contracts import Budget, Problem, Tuner, TunerProvider
from sweepwright.events import Opened, Start
from sweepwright.seeds import rng

from .beliefs import assert_sound_beliefs, assert_sound_repeats
from .hashed import Hashed, HashedOptions
from .problems import PROBLEMS
from .tuner_harness import (
    HARD_VALUES,
    Outcome,
    TunerHarness,
    as_text,
    assert_in_space,
    assert_sound_promotions,
    failed,
    is_affordable,
    is_covered,
    is_first,
    is_plain,
    is_repetitive,
    journaled,
    lost,
    measured,
    mixed,
    renumbered,
    starts,
    stopped,
    suggestion_facts,
    valued,
)

_SHARED_RUNS: dict[type, dict[tuple[int, Outcome], tuple[Problem, TunerHarness]]] = {}
"""Mapping from suite to the runs that its tests share, each stored by problem and outcome. A run
takes most of a test's time, and many tests read the same run."""

_WIDE, _WIDE_TRIALS = 100, 12
"""Number of parameters that makes a space wide, and maximum number of suggestions in a wide space.
A run in a wide space is shorter, because its time grows with the number of parameters."""


class TunerSuite:
    """Contract suite for a tuner; subclass it as ``class TestMine(TunerSuite)``."""

    provider: TunerProvider[Any]
    """Provider of the tuner, as the plugin's hook returns it."""
    repeats = False
    """Whether the tuner may suggest an assignment twice while untried assignments are left. A
    repeat that names its first trial (`Start.repeats`) is always allowed."""
    ends = False
    """Whether the tuner may end by itself while untried assignments are left."""
    seeded = True
    """Whether the tuner's suggestions depend on the seed."""
    trials = 24
    """Number of suggestions that one run opens; in a wide space, a run opens at most 12."""

    def options(self, problem: Problem) -> Any:  # noqa: ARG002 - for who overrides it
        """Return the tuner's options for a problem; override this to change the defaults."""
        return self.provider.options()

    def length(self, problem: Problem) -> int:
        """Return the number of suggestions that a run opens: `trials`, or less in a wide space."""
        return self.trials if len(problem.space) < _WIDE else min(self.trials, _WIDE_TRIALS)

    def problems(self) -> Mapping[str, Problem]:
        """Return a mapping from name to problem, with all problems that the tuner can search."""
        budget = Budget(9.0) if self.provider.uses_budget else None
        return {
            name: replace(problem, budget=budget)
            for name, problem in PROBLEMS.items()
            if {type(p.domain) for p in problem.space.parameters} <= self.provider.searches
            and (problem.space.size is not None or not self.provider.finite_only)
        }

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Run each test once per problem."""
        if "problem" in metafunc.fixturenames:
            problems = self.problems()
            metafunc.parametrize("problem", problems.values(), ids=problems.keys())

    def build(self, problem: Problem) -> Tuner:
        """Build a new tuner; if it needs a sampler, use one that depends on all its events."""
        options = self.options(problem)
        finalize = self.provider.finalize_options
        sampler = [Hashed(HashedOptions(), problem)] if self.provider.has_sampler else []
        final = finalize(options, problem) if finalize else options
        return self.provider.build(final, problem, *sampler)

    def run_tuner(
        self, problem: Problem, outcome: Outcome = mixed, *, concurrency: int = 4
    ) -> TunerHarness:
        """Build a tuner and run it on a problem whose trials have the given outcome."""
        tuner = TunerHarness(self.build(problem))
        return tuner.run(self.length(problem), outcome, concurrency=concurrency)

    def shared_run(self, problem: Problem, outcome: Outcome = mixed) -> TunerHarness:
        """Return a run of a problem with an outcome; tests share the run and must only read it."""
        shared = _SHARED_RUNS.setdefault(type(self), {})
        # The value holds the problem, so that no other problem gets the same id.
        key = (id(problem), outcome)
        if key not in shared:
            shared[key] = (problem, self.run_tuner(problem, outcome))
        return shared[key][1]

    def test_suggestions_are_in_the_space(self, problem: Problem) -> None:
        """Every active parameter has a value in its domain; inactive parameters have no value."""
        played = self.shared_run(problem)

        assert_in_space(problem, played)

    def test_suggestions_are_plain(self, problem: Problem) -> None:
        """Assignments contain only built-in Python types, and no numpy types."""
        for assignment in starts(self.shared_run(problem)):
            again = problem.space.decode(problem.space.encode([assignment]))[0]

            assert is_plain(assignment), f"not plain: {assignment!r}"
            assert as_text(again) == as_text(assignment), f"types differ: {assignment!r}"

    def test_no_more_than_asked_for(self, problem: Problem) -> None:
        """A call of `ask` returns at most `count` suggestions, so no suggestion for 0."""
        tuner = self.build(problem)

        assert [len(tuner.ask(count)) <= count for count in (0, 1, 2, 7)] == [True] * 4

    def test_one_seed_repeats(self, problem: Problem) -> None:
        """Two tuners with the same seed and the same events return the same suggestions."""
        assert self.run_tuner(problem).asked == self.shared_run(problem).asked

    def test_another_seed_differs(self, problem: Problem) -> None:
        """On a continuous space, another seed leads to other suggestions."""
        if self.seeded and problem.space.size is None:
            others = [replace(problem, seed=problem.seed + by) for by in (1, 2)]
            runs = [self.shared_run(problem), *map(self.run_tuner, others)]

            assert len({str(run.asked) for run in runs}) == 3, "the seed makes no difference"

    def test_ask_changes_nothing_that_lasts(self, problem: Problem) -> None:
        """Two equal calls of `ask` give the same suggestions, whatever calls precede them."""
        curious, quiet = self.build(problem), self.build(problem)
        for number, event in enumerate(self.shared_run(problem).events):
            # Asking only at every fifth event saves time. Most trials have four events.
            asks = number % 5 == 0
            if asks:
                curious.ask(1)
            curious.tell(event)
            if asks:
                assert list(curious.ask(2)) == list(curious.ask(2)), "two equal calls, two answers"
            quiet.tell(event)

        assert list(curious.ask(3)) == list(quiet.ask(3)), "earlier calls changed the answer"

    def test_suggestions_are_not_shared(self, problem: Problem) -> None:
        """Changing a suggested assignment does not change later suggestions."""
        tuner = self.build(problem)
        before = as_text([suggestion_facts(suggestion) for suggestion in tuner.ask(3)])
        for suggestion in tuner.ask(3):
            if isinstance(suggestion, Start) and isinstance(suggestion.assignment, dict):
                suggestion.assignment.clear()

        assert as_text([suggestion_facts(suggestion) for suggestion in tuner.ask(3)]) == before

    def test_replay_repeats_every_ask(self, problem: Problem) -> None:
        """A new tuner that is told the journaled events gives the same suggestions."""
        played = self.shared_run(problem)
        asks = list(zip(played.asks, played.asked, strict=True))
        stored = [journaled(event) for event in played.events]
        for (told, count), asked in asks[:: max(len(asks) // 5, 1)]:
            replayed = self.build(problem)
            for event in stored[:told]:
                replayed.tell(event)

            assert list(replayed.ask(count)) == asked, f"differs after {told} events"

    def test_attempts_make_no_difference(self, problem: Problem) -> None:
        """Suggestions do not depend on the attempt in which a trial succeeds."""
        events = self.shared_run(problem).events
        plain, interrupted = self.build(problem), self.build(problem)
        for event in events:
            plain.tell(event)
            interrupted.tell(event if isinstance(event, Opened) else replace(event, attempt=7))
        before, after = plain.ask(3), interrupted.ask(3)

        assert [suggestion_facts(s) for s in before] == [suggestion_facts(s) for s in after]

    def test_failures_are_survived(self, problem: Problem) -> None:
        """If every trial fails, vanishes or is stopped, the tuner still suggests all trials."""
        well = len(self.shared_run(problem, measured).first_assignments)
        for outcome in (failed, lost, stopped):
            played = self.shared_run(problem, outcome)
            full = len(played.trials) == self.length(problem)  # perhaps with more repeats

            assert full or len(played.first_assignments) >= well, f"{outcome.__name__}: gave up"
            assert_in_space(problem, played)

    def test_failures_are_remembered(self, problem: Problem) -> None:
        """A failed assignment is not suggested again while untried assignments are left."""
        for outcome in (failed, lost, stopped):
            assert self.repeats or not is_repetitive(problem, self.shared_run(problem, outcome))

    def test_nothing_is_suggested_twice(self, problem: Problem) -> None:
        """No assignment is repeated, in one `ask` or in several, while others are untried."""
        assert self.repeats or not is_repetitive(problem, self.shared_run(problem, measured))
        asked = list(self.build(problem).ask(problem.concurrency))
        together = [as_text(s.assignment) for s in asked if is_first(s)]

        assert self.repeats or len(together) == len(set(together)), "repeated in one `ask`"

    def test_never_waits_when_nothing_runs(self, problem: Problem) -> None:
        """While no trial runs, the tuner returns suggestions or has ended for good."""
        backwards = TunerHarness(self.build(problem))
        backwards.run(self.length(problem), mixed, concurrency=4, last_first=True)
        others = (self.shared_run(problem), self.run_tuner(problem, concurrency=1))
        for played in (*others, backwards):
            if not played.asked[-1] and not played.running:
                self._assert_ended(problem, played)

    def test_only_some_may_be_opened(self, problem: Problem) -> None:
        """Near the end of a sweep, the driver may open only some of the returned suggestions."""
        played = TunerHarness(self.build(problem))
        for _ in range(self.length(problem) // 2):
            for suggestion in played.ask(5)[:1]:
                played.end(played.open(suggestion).number, mixed)

        assert_in_space(problem, played)
        assert self.repeats or not is_repetitive(problem, played)

    def test_trials_of_others_are_accepted(self, problem: Problem) -> None:
        """Trials that the tuner did not suggest cause no error, and cost it no assignment."""
        played = TunerHarness(self.build(problem))
        space = problem.space
        for assignment in space.decode(space.sample(rng(5, "others"), 8)):
            played.open(Start(assignment, problem.budget.maximum if problem.budget else None))
        for number in list(played.running):
            played.end(number, mixed)
        # A small finite space is used up.
        played.run(min(space.size or self.length(problem) // 2, 100), mixed, concurrency=4)

        assert_in_space(problem, played)
        assert played.asked[-1] or self.repeats or self.ends or is_covered(problem, played)

    def test_one_assignment_over_and_over(self, problem: Problem) -> None:
        """Thirty trials of one assignment cause no error, whatever their outcome."""
        assignment = problem.space.decode(problem.space.sample(rng(5, "others"), 1))[0]
        for outcome in (measured, failed, valued(HARD_VALUES["far apart"])):
            played = TunerHarness(self.build(problem))
            for _ in range(30):
                played.end(played.open(Start(assignment)).number, outcome)
            played.run(4, outcome)

            assert_in_space(problem, played)

    def test_hard_values(self, problem: Problem) -> None:
        """Equal, huge, far apart or tiny values cause no error."""
        for values in HARD_VALUES.values():
            assert_in_space(problem, self.run_tuner(problem, valued(values)))

    def test_promotions(self, problem: Problem) -> None:
        """Only measured trials are promoted, to a larger budget, and once to each budget."""
        if problem.budget:
            assert_sound_promotions(TunerHarness(self.build(problem)), self.length(problem))

    def test_repeats(self, problem: Problem) -> None:
        """A repeat names the first trial of its assignment."""
        for played in (self.shared_run(problem), self.shared_run(problem, failed)):
            assert_sound_repeats(played)

    def test_beliefs(self, problem: Problem) -> None:
        """A belief is about the space, changes nothing, and depends on the events alone."""
        if self.provider.believes:
            assert_sound_beliefs(problem, self.build, self.shared_run(problem))

    def test_budgets_are_within_bounds(self, problem: Problem) -> None:
        """Budgets of suggestions are within bounds, or absent if the sweep has no budget."""
        for suggestion in (s for asked in self.shared_run(problem).asked for s in asked):
            assert is_affordable(suggestion, problem), f"out of bounds: {suggestion}"

    def test_events_are_left_alone(self, problem: Problem) -> None:
        """The methods `tell` and `ask` do not change events."""
        assert self.shared_run(problem).changed == []

    def test_tell_is_cheap(self, problem: Problem) -> None:
        """A thousand events take less than a second, because a resume tells all events again."""
        events, tuner = self.shared_run(problem).events, self.build(problem)
        begun = process_time()
        for number in range(1000 // max(len(events), 1) + 1):
            for event in events:
                tuner.tell(renumbered(event, number * len(events)))

            assert process_time() - begun < 1.0

    def _assert_ended(self, problem: Problem, played: TunerHarness) -> None:
        enough = len(played.trials) >= self.length(problem)
        assert self.ends or enough or is_covered(problem, played), "waits for nothing"
        assert not played.tuner.ask(5), "suggested more after it had ended"
