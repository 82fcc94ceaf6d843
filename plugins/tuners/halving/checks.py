"""What may be wrong with the options of successive halving."""

from collections.abc import Iterator

from sweepwright.contracts import Finding, Problem

from .schedule import ascending


def check_eta(eta: int) -> Iterator[Finding]:
    """Find a reduction factor that reduces nothing."""
    if eta < 2:  # noqa: PLR2004 - the least of which a part is not all
        message = f"`eta` is {eta}, below 2: every trial of a rung would go on to the next"
        yield Finding(("eta",), message, "give `eta=3`, or another whole number from 2 on")


def check_rounds(rounds: int | None) -> Iterator[Finding]:
    """Find a number of rounds that is none."""
    if rounds is not None and rounds < 1:
        way_out = "give 1 or more, or null for no end"
        yield Finding(("rounds",), f"`rounds` is {rounds}, below 1", way_out)


def check_early_stopping_rate(rate: int, eta: int, problem: Problem) -> Iterator[Finding]:
    """Find a number of rungs to leave out that leaves none, or is none."""
    assert problem.budget, "a sweep without a budget does not compile"
    if eta <= 1:
        return  # which is found by itself, and has rungs without end
    most = len(ascending(problem.budget, eta)) - 1
    if not 0 <= rate <= most:
        message = f"`early_stopping_rate` is {rate}, not from 0 to {most}"
        way_out = "it is how many of the lowest rungs are left out"
        yield Finding(("early_stopping_rate",), message, way_out)
