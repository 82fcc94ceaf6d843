"""Errors of users and plugins, printed to standard error as messages rather than tracebacks."""

import sys
from collections.abc import Callable, Sequence

from sweepwright.diagnostics import CompileError, Diagnostic

from ..views.output import OutputError, echo_error
from .arguments import UsageError


def run_reporting_errors(run: Callable[[], int]) -> int:
    """Return what a function returns, or print the error it raised and return its exit code.

    Only errors that a user or a plugin can cause are caught; ours stay tracebacks.
    """
    try:
        return run()
    except KeyboardInterrupt:
        return 130
    except CompileError as error:
        print_findings(error.diagnostics)
    except (UsageError, OutputError) as error:
        echo_error(f"error: {error}")
    except _lazily_imported_errors() as error:
        echo_error(f"error: {error}")
    return 2


def print_findings(diagnostics: Sequence[Diagnostic]) -> None:
    """Print findings to standard error, in colour on a terminal."""
    if diagnostics:
        from ..views.diagnostics_text import render_diagnostics  # noqa: PLC0415 - seldom needed

        echo_error(render_diagnostics(diagnostics, color=sys.stderr.isatty()))


def _lazily_imported_errors() -> tuple[type[Exception], ...]:
    """Import error classes from modules that are slow to import, once something was raised.

    Ctrl-C during an import at the top of this module would show a traceback, because
    `run_reporting_errors` has not been entered yet. So as little as possible is imported there.
    """
    from sweepwright.contracts import PluginError  # noqa: PLC0415 - said above

    from ..registry.registry import UnknownProvider  # noqa: PLC0415 - said above
    from ..store.sweep_files import StoreError  # noqa: PLC0415 - said above

    return (PluginError, StoreError, UnknownProvider)
