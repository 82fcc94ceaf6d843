"""The application: parses a command line, runs its command, and returns the exit code.

Exit codes: 0 done, 1 the sweep failed, 2 the sweep did not compile or the command line is wrong,
130 interrupted, 143 terminated. A multirun returns the highest code of its sweeps.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper

from sweepwright import __version__

from ..views.output import echo
from .arguments import Arguments, parse_arguments
from .error_handling import run_reporting_errors


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; `argv` excludes the program's name."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # If the terminal's encoding lacks a box-drawing character, print `?` instead.
            stream.reconfigure(errors="replace")
    typed = sys.argv[1:] if argv is None else argv
    code = 0
    with suppress(BrokenPipeError):  # a reader such as `head` has read enough
        code = run_reporting_errors(lambda: _dispatch(parse_arguments(typed)))
    try:
        sys.stdout.flush()
    except OSError:
        # The error has been reported above. Redirect the stream, or else the interpreter
        # flushes it again at exit, and prints the same error as a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _dispatch(arguments: Arguments) -> int:
    """Import the module that serves the arguments, and call its `main`.

    Modules of other commands are not imported: they are slow to import, and packages that they
    depend on may be broken.
    """
    if arguments.has("--version"):
        echo(f"sweepwright {__version__}")
        return 0
    if arguments.has("--help"):
        name = "help"
    elif arguments.hydra_flags:
        name = "hydra_passthrough"
    else:
        name = f"commands.{arguments.command.name}"
    module = import_module(f".{name}", __package__)
    code: int = module.main(arguments)
    return code
