"""Reporting of user errors and plugin errors: as messages on standard error, not tracebacks."""

import errno
import sys
from collections.abc import Callable, Sequence

from sweepwright.diagnostics import CompileError, Diagnostic

from ..views.output import OutputError, echo_error, uses_color
from .arguments import UsageError

_REFUSALS = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOSPC, errno.EDQUOT}
    | {errno.EIO, errno.EROFS, errno.ESTALE, errno.ETIMEDOUT}
)
"""Errors by which the machine refuses a resource, wherever a command needs it."""


def run_reporting_errors(run: Callable[[], int]) -> int:
    """Call a function and return its exit code; if it raises, print the error as a message.

    Only errors that a user, a plugin or the machine can cause are caught, and each kind of error
    has its exit code. A bug of ours shows a traceback.
    """
    try:
        return run()
    except BrokenPipeError:  # a reader such as `head` has read enough
        return 0
    except CompileError as error:
        print_findings(error.diagnostics)
    except (UsageError, OutputError) as error:
        echo_error(f"error: {error}")
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        used = f"`{error.filename}` cannot be used: " if error.filename else ""
        echo_error(f"error: the machine refuses to go on: {used}{error.strerror}")
        return 1
    except _lazily_imported_errors() as error:
        echo_error(f"error: {error}")
        return _exit_code(error)
    return 2


def print_findings(diagnostics: Sequence[Diagnostic]) -> None:
    """Print findings to standard error; use colour if standard error is a terminal."""
    if diagnostics:
        from ..views.diagnostics_text import render_diagnostics  # noqa: PLC0415 - seldom needed

        text = render_diagnostics(diagnostics, color=uses_color(sys.stderr))
        echo_error(text, painted=True)


def _lazily_imported_errors() -> tuple[type[Exception], ...]:
    """Return the error classes whose modules are slow to import; most commands raise none."""
    from sweepwright.contracts import PluginError  # noqa: PLC0415 - said above

    from ..registry.registry import UnknownProvider  # noqa: PLC0415 - said above
    from ..store.store_errors import StoreError  # noqa: PLC0415 - said above

    return (PluginError, StoreError, UnknownProvider)


def _exit_code(error: Exception) -> int:
    from ..store.store_errors import ElsewhereError, LostStoreError  # noqa: PLC0415 - as above

    # Nothing was started after any other error.
    return 1 if isinstance(error, LostStoreError | ElsewhereError) else 2
