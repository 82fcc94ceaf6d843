"""The application: parses a command line, runs its command, and returns the exit code.

Exit codes: 0 done, 1 the sweep failed, 2 the sweep did not compile or the command line is wrong,
130 interrupted, 143 terminated. A multirun returns the highest code of its sweeps.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from sweepwright import __version__

from .exit_on_signals import exit_on_signals

TYPE_CHECKING = False  # `main` imports these slowly, after it has installed the signal handlers

if TYPE_CHECKING:
    from typing import TextIO

    from .arguments import Arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; `argv` excludes the program's name.

    Without `argv`, this is the program itself. It then runs the words of its own command line,
    and prepares its process.
    """
    if argv is None:
        # The first statement of all: before it, Ctrl-C would show a traceback.
        exit_on_signals()
        _open_missing_streams()
        argv = sys.argv[1:]
    from ..plan.redaction import forget_secrets, remember_override  # noqa: PLC0415 - slow, see `exit_on_signals`
    from .error_handling import run_reporting_errors  # noqa: PLC0415 - likewise

    forget_secrets()
    for word in argv:
        remember_override(word)
    _tolerate_encodings()
    code = run_reporting_errors(lambda: _parse_and_dispatch(argv))
    for stream in (sys.stdout, sys.stderr):
        _flush(stream)
    return code


def _open_missing_streams() -> None:
    """Let standard streams that the caller has closed lead to nowhere.

    Otherwise the next file that opens, perhaps a journal, would become standard output.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # This is the lowest free descriptor, which `open` returns.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - positional
            setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r"))


def _tolerate_encodings() -> None:
    """If a terminal's encoding lacks a character, such as one for boxes, print `?` instead."""
    from io import TextIOWrapper  # noqa: PLC0415 - as above

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _parse_and_dispatch(argv: Sequence[str]) -> int:
    from .arguments import parse_arguments  # noqa: PLC0415 - slow

    return _dispatch(parse_arguments(argv))


def _flush(stream: "TextIO") -> None:
    """Flush a standard stream, or else discard what it cannot write.

    The error has been reported before. The interpreter would flush the stream again when it
    ends, print the same error as a traceback, and exit with code 120.
    """
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _dispatch(arguments: "Arguments") -> int:
    """Import the module that serves the arguments, and call its `main`.

    Modules of other commands are not imported: they are slow to import, and packages that they
    depend on may be broken.
    """
    if arguments.has("--version"):
        from ..views.output import echo  # noqa: PLC0415 - slow

        echo(f"sweepwright {__version__}")
        return 0
    if arguments.has("--help"):
        name = "help"
    elif arguments.hydra_flags:
        name = "hydra_passthrough"
    else:
        name = f"commands.{arguments.command.name.replace('-', '_')}"
    module = import_module(f".{name}", __package__)
    code: int = module.main(arguments)
    return code
