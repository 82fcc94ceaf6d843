"""Exceptions that a trial does not catch, shown and turned into exit codes as CPython does it.

The counterparts in CPython are ``PyErr_PrintEx`` and ``PyErr_WriteUnraisable``. The frames of the
server are removed from tracebacks, so that they show the trial's code alone.
"""

# ruff: noqa: PTH120 - `pathlib` would slow down every fork

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

_OWN_FILES = {os.path.dirname(__file__), "<frozen runpy>"}


def print_uncaught(error: BaseException) -> int:
    """Print an exception by `sys.excepthook`, and return the exit code of the process."""
    error.__traceback__ = without_own_frames(error.__traceback__)
    arguments = type(error), error, error.__traceback__
    # Exit handlers look here for the exception, and debuggers for its frames.
    sys.last_type, sys.last_value, sys.last_traceback = arguments
    vars(sys)["last_exc"] = error  # since Python 3.12
    if not hasattr(sys, "excepthook"):
        write_to_stderr("sys.excepthook is missing\n")
        sys.__excepthook__(*arguments)
        return 1
    second = _raised_by(sys.excepthook, arguments)
    if isinstance(second, SystemExit):
        return exit_code(second.code)
    if second:
        write_to_stderr("Error in sys.excepthook:\n")
        second.__traceback__ = without_own_frames(second.__traceback__)
        sys.__excepthook__(type(second), second, second.__traceback__)
        write_to_stderr("\nOriginal exception was:\n")
        sys.__excepthook__(*arguments)
    return 1


def _raised_by(hook: Callable[..., object], arguments: tuple[object, ...]) -> BaseException | None:
    try:
        hook(*arguments)
    except BaseException as error:  # noqa: BLE001 - a hook of the trial's own
        return error
    return None


def exit_code(code: object) -> int:
    """Return the exit code that the argument of `sys.exit` means; print what is no number."""
    if code is None:
        return 0
    if isinstance(code, int):
        # The system keeps the lowest byte of a C integer, which becomes -1 where it overflows.
        return code & 0xFF if -(1 << 63) <= code < 1 << 63 else 0xFF
    with suppress(BaseException):  # the trial's own class
        write_to_stderr(str(code))
    write_to_stderr("\n")
    return 1


def describe(error: BaseException) -> tuple[str, str]:
    """Return the failure class of an exception, and a one-line description."""
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    try:
        text = str(error).strip().partition("\n")[0]
    except Exception:  # noqa: BLE001 - the trial's own class
        text = "<exception str() failed>"
    # Libraries have exception classes of their own for a full accelerator, with similar names
    # such as OutOfMemoryError.
    memory = isinstance(error, MemoryError) or kind.__name__.endswith("MemoryError")
    return "memory" if memory else "error", f"{name}: {text}" if text else name


def report_unraisable(error: BaseException, where: object, message: str | None = None) -> None:
    """Report an exception that nobody can catch by `sys.unraisablehook`.

    Since Python 3.13, a message says where some exceptions were raised, and not an object.
    """
    if message and sys.version_info >= (3, 13):
        where, message = None, f"Exception ignored {message}"
    else:
        message = None
    trace = without_own_frames(error.__traceback__)
    arguments = _type_of_hook_arguments()((type(error), error, trace, message, where))
    with suppress(BaseException):
        sys.unraisablehook(arguments)


def hide_own_frames(inherited: dict[str, Any]) -> None:
    """Let unraisable exceptions show no frames of the server from now on.

    The interpreter frees objects from code of C, where an exception of a finalizer in C has no
    frame; here it has that of the server. `inherited` has the names of `sys` that are not the
    trial's own, among which the new hook counts if the old one did.
    """
    if (hook := getattr(sys, "unraisablehook", None)) is None:
        return

    def hiding(arguments: Any) -> None:
        kind, error, trace, message, where = arguments
        hook(type(arguments)((kind, error, without_own_frames(trace), message, where)))

    sys.unraisablehook = hiding
    if hook is inherited.get("unraisablehook"):
        inherited["unraisablehook"] = hiding


def write_to_stderr(text: str) -> None:
    """Write to whatever `sys.stderr` is, or to its descriptor where it is missing or broken."""
    try:
        sys.stderr.write(text)
    except BaseException:  # noqa: BLE001 - the trial's own object
        with suppress(OSError):
            os.write(2, text.encode(errors="backslashreplace"))


def without_own_frames(trace: TracebackType | None) -> TracebackType | None:
    """Remove the outermost frames of a traceback, as long as they are the server's."""
    while trace and (file := trace.tb_frame.f_code.co_filename):
        if file not in _OWN_FILES and os.path.dirname(file) not in _OWN_FILES:
            break
        trace = trace.tb_next
    return trace


def _type_of_hook_arguments() -> Callable[[tuple[object, ...]], Any]:
    """Return the type of the argument of `sys.unraisablehook`, which has no public name."""

    class Raises:
        def __del__(self) -> None:
            raise ValueError

    caught: list[Any] = []
    hook, sys.unraisablehook = sys.unraisablehook, caught.append
    try:
        Raises()
    finally:
        sys.unraisablehook = hook
    # The arguments refer to the object, by the frame that raised. Nothing may keep them.
    return type(caught.pop())
