"""The application: turns a command line into a verb at work, and its faults into one line.

Exit codes: 0 done, 1 the sweep failed, 2 it did not compile or the command line makes no
sense, 130 interrupted, 143 terminated; of a multirun the worst.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper

from sweepwright import __version__

from ..views.output import echo
from .arguments import Arguments, read_arguments
from .error_handling import guarded


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line, without the program's name, and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A curve that a terminal cannot show is no reason to fail.
            stream.reconfigure(errors="replace")
    code = 0
    with suppress(BrokenPipeError):  # the reader, such as `head`, has seen enough
        code = guarded(lambda: _dispatch(read_arguments(sys.argv[1:] if argv is None else argv)))
    try:
        sys.stdout.flush()
    except OSError:
        # What became of it was told; nor may the interpreter complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _dispatch(arguments: Arguments) -> int:
    """Import only what the verb needs: the rest is slow, and may be broken."""
    if arguments.version:
        echo(f"sweepwright {__version__}")
        return 0
    if arguments.help:
        module = "help"
    elif arguments.hydra:
        module = "hydra_passthrough"
    else:
        module = f"commands.{arguments.verb.name}"
    verb = import_module(f".{module}", __package__)
    code: int = verb.main(arguments)
    return code
