"""Conclude a sweep: print its results, and turn its outcome into an exit code.

These functions have their own module because `run` and `resume` share them: `run` imports the
compiler, and `resume` must not import it.
"""

from ..driver.ending.outcome import SweepOutcome
from ..store.history import History
from ..views.output import OutputError, echo, echo_error
from ..views.summary import describe_sweep, headline, resume_command
from .arguments import invocation


def conclude(outcome: SweepOutcome, history: History, *, quiet: bool) -> int:
    """Print a sweep's summary, or if `quiet` only its headline, and return the exit code."""
    belief = history.stated.belief if history.stated else None
    summary = headline(history) if quiet else f"\n{describe_sweep(history, invocation(), belief)}"
    exit_code = echo_last(summary, outcome.exit_code)
    if outcome.state == "failed":
        echo_error(f"error: the sweep failed: {outcome.reason}")
    elif outcome.state == "interrupted" and outcome.exit_code == 1:
        command = resume_command(history, invocation())
        echo_error(
            f"error: the sweep was interrupted: {outcome.reason};"
            f" once that is repaired, `{command}` goes on"
        )
    return exit_code


def echo_last(text: str, exit_code: int) -> int:
    """Print the last output of a command that ends with an exit code, and return the code.

    A sweep that ended because its terminal was closed cannot print its summary there. Its exit
    code says more than the error of this output would. A sweep that is done has the code 1 then,
    since 2 would mean that it did not compile.
    """
    try:
        echo(text)
    except BrokenPipeError:  # a reader such as `head` has read enough
        pass
    except OutputError as error:
        if exit_code == 0:
            echo_error(f"error: {error}")
            return 1
    return exit_code
