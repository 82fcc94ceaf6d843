"""Faults: what users and plugins can get wrong, told on standard error without a traceback."""

import sys
from collections.abc import Callable

from sweepwright.contracts import PluginError
from sweepwright.diagnostics import CompileError, Diagnostic

from .arguments import UsageError
from .registry import UnknownProvider
from .saying import complain


def guarded(work: Callable[[], int]) -> int:
    """Return what the work returns, or the exit code of the fault that ended it."""
    try:
        return work()
    except KeyboardInterrupt:
        return 130
    except CompileError as error:
        print_findings(error.diagnostics)
    except (UsageError, PluginError, UnknownProvider) as error:
        complain(f"error: {error}")
    except _store_error() as error:
        complain(f"error: {error}")
    return 2


def print_findings(diagnostics: list[Diagnostic]) -> None:
    """Print findings to standard error, in colour on a terminal."""
    if diagnostics:
        from .render import render_diagnostics  # noqa: PLC0415 - only when something is wrong

        complain(render_diagnostics(diagnostics, color=sys.stderr.isatty()))


def _store_error() -> type[Exception]:
    """Import the store's error, and the database with it, only when something was raised."""
    from .journal import StoreError  # noqa: PLC0415 - said above

    return StoreError
