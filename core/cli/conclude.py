"""Conclude a sweep: print its results, and turn its outcome into an exit code.

This function has its own module because `run` and `resume` share it: `run` imports the compiler,
and `resume` must not import it.
"""

from ..driver.outcome import SweepOutcome
from ..store.history import History
from ..views.output import echo, echo_error
from ..views.summary import describe_sweep, headline, resume_command
from .arguments import invocation


def conclude(outcome: SweepOutcome, history: History, *, quiet: bool) -> int:
    """Print a sweep's summary, or if `quiet` only its headline, and return the exit code."""
    echo(headline(history) if quiet else f"\n{describe_sweep(history, invocation())}")
    if outcome.state == "failed":
        echo_error(f"error: the sweep failed: {outcome.reason}")
    elif outcome.state == "interrupted" and outcome.exit_code == 1:
        command = resume_command(history, invocation())
        echo_error(
            f"error: the sweep was interrupted: {outcome.reason};"
            f" once that is repaired, `{command}` goes on"
        )
    return outcome.exit_code
