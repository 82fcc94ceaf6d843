"""Faults: what users and plugins can get wrong, told on standard error without a traceback."""

import sys
from collections.abc import Callable

from sweepwright.diagnostics import CompileError, Diagnostic

from ..views.output import OutputError, echo_error
from .arguments import UsageError


def guarded(work: Callable[[], int]) -> int:
    """Return what the work returns, or the exit code of the fault that ended it."""
    try:
        return work()
    except KeyboardInterrupt:
        return 130
    except CompileError as error:
        print_findings(error.diagnostics)
    except (UsageError, OutputError) as error:
        echo_error(f"error: {error}")
    except _faults_of_parts() as error:
        echo_error(f"error: {error}")
    return 2


def print_findings(diagnostics: list[Diagnostic]) -> None:
    """Print findings to standard error, in colour on a terminal."""
    if diagnostics:
        from ..views.diagnostics_text import render_diagnostics  # noqa: PLC0415 - only when something is wrong

        echo_error(render_diagnostics(diagnostics, color=sys.stderr.isatty()))


def _faults_of_parts() -> tuple[type[Exception], ...]:
    """Import the faults of slow parts only when something was raised.

    What is imported before `guarded` is entered shows a traceback when Ctrl-C breaks into it.
    """
    from sweepwright.contracts import PluginError  # noqa: PLC0415 - said above

    from ..registry.registry import UnknownProvider  # noqa: PLC0415 - said above
    from ..store.sweep_files import StoreError  # noqa: PLC0415 - said above

    return (PluginError, StoreError, UnknownProvider)
