"""Conclude a sweep: print its results, and turn its outcome into an exit code.

A module of its own, because `run` imports the compiler and `resume` must not.
"""

from ..driver.outcome import SweepOutcome
from ..store.history import read_history
from ..views.output import complain, say
from ..views.summary import headline, summary
from .arguments import program


def conclude(outcome: SweepOutcome, *, quiet: bool) -> int:
    """Print the summary of a sweep, or only its headline, and return the exit code."""
    history = read_history(outcome.folder)
    say(headline(history) if quiet else f"\n{summary(history, program())}")
    if outcome.state == "failed":
        complain(f"error: the sweep failed: {outcome.reason}")
    return outcome.exit_code
