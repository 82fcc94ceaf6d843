"""Rules that every suggestion of a tuner keeps."""

from collections.abc import Iterator

from sweepwright.contracts import Problem
from sweepwright.events import Assignment, Promote, Start, Suggestion
from sweepwright.protocol import kind_of

from .tuner_harness import Rehearsal


def assert_in_space(problem: Problem, played: Rehearsal) -> None:
    """Check every assignment that was suggested against the space."""
    for assignment in starts(played):
        misfits = problem.space.misfits(assignment)
        assert not misfits, f"{assignment!r}: {misfits}"


def assert_promotable(promote: Promote, played: Rehearsal, seen: set[Suggestion]) -> None:
    """Check that a trial may be promoted now, and was not before."""
    assert promote not in seen, f"promoted twice: {promote}"
    assert promote.trial in played.trials, f"no such trial: {promote}"
    assert promote.trial not in played.running, f"still running: {promote}"
    last = [e for e in played.events if e.trial.number == promote.trial][-1]
    assert kind_of(last) == "measured", f"did not end well: {promote}"
    before = played.trials[promote.trial].budget
    assert before is not None, f"it has no budget: {promote}"
    assert promote.budget > before, f"to no more budget: {promote}"


def is_affordable(suggestion: Suggestion, problem: Problem) -> bool:
    """Tell whether a budget is within the sweep's, or absent as that is."""
    if problem.budget is None or suggestion.budget is None:
        return problem.budget is None and suggestion.budget is None
    return 0 < suggestion.budget <= problem.budget.maximum


def starts(played: Rehearsal) -> Iterator[Assignment]:
    """Yield every assignment that was ever suggested, opened or not."""
    for asked in played.asked:
        for suggestion in asked:
            if isinstance(suggestion, Start):
                yield suggestion.assignment
