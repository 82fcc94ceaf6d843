"""Print the output of a trial: what its processes wrote to standard output and standard error.

As in `docker logs`, standard output is printed to standard output, and standard error to standard
error. If there are several processes, each line begins with the name of its process.
"""

import signal
import time
from contextlib import suppress

from sweepwright.jobs import machines_of

from ...store.lock import is_driven
from ...views.log_output import LogOutput, OutputChoice
from ...views.output import echo_error
from ..arguments import Arguments, UsageError
from ..attempt_choice import ChosenAttempt, choose_attempt

POLL_SECONDS = 0.5
"""Time between two looks at the output of a running attempt."""


def main(arguments: Arguments) -> int:
    """Print the output of an attempt, and with ``--follow`` also what it still writes."""
    rank = arguments.value("--rank")
    choice = OutputChoice(
        arguments.value("--role"),
        None if rank is None else int(rank),
        arguments.has("--stderr"),
    )
    with choose_attempt(arguments) as chosen:
        if not arguments.has("--follow"):
            return _print(chosen, choice)
        follower = _Follower(chosen, choice, fixed=arguments.value("--attempt") is not None)
        # Ctrl-C is the usual end of this command, so it is not an error.
        with suppress(KeyboardInterrupt):
            signal.signal(signal.SIGINT, signal.default_int_handler)
            follower.run()
    return 0


def _print(chosen: ChosenAttempt, choice: OutputChoice) -> int:
    output = LogOutput(chosen.files, chosen.reference, choice)
    output.print_new(final=True)
    _require_process(output)
    if not output.processes:
        wants = chosen.waits_for
        echo_error(f"error: {chosen} has no output{f': it waits for {wants}' if wants else ''}")
        return 1
    return 0


def _require_process(output: LogOutput) -> None:
    if output.processes and not output.chosen:
        raise UsageError(f"the trial has no such process; it has {', '.join(output.processes)}")


class _Follower:
    """Prints the output of a trial until its last attempt has ended."""

    def __init__(self, chosen: ChosenAttempt, choice: OutputChoice, *, fixed: bool) -> None:
        self._chosen = chosen
        self._attempts = chosen.attempts
        self._choice = choice
        self._fixed = fixed
        self._number = chosen.number
        self._told = ""

    def run(self) -> None:
        """Print one attempt after the other, while it writes."""
        while True:
            self._follow_attempt()
            ending = self._attempts.ending(self._number)
            if ending is None or self._fixed or self._attempts.finished:
                return
            self._tell(f"{ending}; attempt {self._number + 1} follows")
            self._number += 1

    def _follow_attempt(self) -> None:
        """Print the output of an attempt until it has ended, or cannot be known to end."""
        reference = self._attempts.reference(self._number)
        output = LogOutput(self._chosen.files, reference, self._choice)
        where = ""
        while True:
            # The order matters. What an attempt wrote before the journal recorded its end can be
            # read after that, and a driver that has ended has written its last entry.
            driven = is_driven(self._chosen.sweep)
            self._attempts.update()
            ended = self._attempts.ending(self._number) is not None
            if not where and (where := self._where()):
                self._tell(f"it {'ran' if ended else 'runs'} on {where}")
            given_up = not (driven or ended or self._chosen.elsewhere)
            output.print_new(final=ended or given_up)
            _require_process(output)
            if ended:
                return
            if given_up:
                later = "a resume reads the rest" if self._chosen.outlives else "no more follows"
                self._tell(f"no driver runs the sweep; this is its output so far, and {later}")
                return
            if not driven:
                self._tell("no driver runs the sweep; the end of the trial shows after a resume")
            elif wants := self._attempts.waits_for:
                self._tell(f"it waits for {wants}")
            time.sleep(POLL_SECONDS)

    def _where(self) -> str:
        return ", ".join(machines_of(self._attempts.reference(self._number).handle))

    def _tell(self, what: str) -> None:
        if self._told != what:
            self._told = what
            echo_error(f"note: trial {self._attempts.trial}, attempt {self._number}: {what}")
