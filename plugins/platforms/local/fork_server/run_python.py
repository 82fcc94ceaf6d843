"""Execution of Python code in a forked process, with the same effects as in a fresh interpreter.

The exit imitates `Py_FinalizeEx` of CPython: join threads, run exit handlers, flush. Code that
runs after the fork copies each page of memory that it writes to, so `pathlib` is avoided.
"""

# ruff: noqa: PTH100, PTH109, PTH120

import atexit
import os
import runpy
import signal
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from io import open_code
from operator import attrgetter
from types import ModuleType, TracebackType
from typing import NoReturn

from .exit_reasons import ExitReason

_OWN_FILES = {os.path.dirname(__file__), "<frozen runpy>"}
_SEED_FUNCTIONS = {"numpy.random": "seed", "torch": "default_generator.seed"}


def file_main(path: str, arguments: list[str]) -> Callable[[], None]:
    """Prepare to run a file like ``python <path>``; raise `OSError` if it is not readable."""
    with open_code(path) as file:
        source = file.read()
    absolute = os.path.abspath(path)
    sys.argv[:] = [path, *arguments]
    sys.path.insert(0, os.path.dirname(absolute))

    def main() -> None:
        code = compile(source, absolute, "exec", dont_inherit=True)
        module = _main_module(SourceFileLoader("__main__", absolute))
        module.__file__ = absolute
        exec(code, module.__dict__)  # noqa: S102 - to run a file is what was asked for

    return main


def module_main(name: str, arguments: list[str]) -> Callable[[], None]:
    """Prepare to run a module like ``python -m <name>``; raise `LookupError` if it is missing."""
    sys.argv[:] = [name, *arguments]
    sys.path.insert(0, os.getcwd())

    def main() -> None:
        _main_module(None)
        runpy._run_module_as_main(name)  # type: ignore[attr-defined]  # noqa: SLF001 - it is `-m`

    if not _exists(name):
        raise LookupError(f"there is no module `{name}`")
    return main


def run_to_exit(
    main: Callable[[], None], prologue: str | None, exit_reason: ExitReason
) -> NoReturn:
    """Run a prologue and the main code, report an uncaught exception, and end the process.

    It omits the interpreter's last step, freeing every object: if a large library is loaded, that
    step takes longer than many trials.
    """
    code = 1
    try:
        _reseed()
        code = _finalize(_outcome(lambda: _run_prologue_and_main(prologue, main), exit_reason))
    finally:
        os._exit(code)


def _main_module(loader: SourceFileLoader | None) -> ModuleType:
    module = ModuleType("__main__")
    module.__dict__.update(__builtins__=sys.modules["builtins"], __loader__=loader)
    sys.modules["__main__"] = module
    return module


def _exists(name: str) -> bool:
    """Tell whether a module can be found; if its parent package raises, assume that it can."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError as error:
        return not (error.name and f"{name}.".startswith(f"{error.name}."))
    except Exception:  # noqa: BLE001 - the trial's own code, which will be run again
        return True


def _reseed() -> None:
    """Reseed libraries that seed themselves on import, so that forks draw different numbers."""
    for name, seed in _SEED_FUNCTIONS.items():
        if name in sys.modules:
            attrgetter(seed)(sys.modules[name])()


def _run_prologue_and_main(prologue: str | None, main: Callable[[], None]) -> None:
    if prologue:
        module, _, name = prologue.partition(":")
        getattr(import_module(module), name)()
    main()


def _outcome(main: Callable[[], None], exit_reason: ExitReason) -> int:
    try:
        main()
    except SystemExit as leaving:
        return _exit_code(leaving.code)
    except KeyboardInterrupt as error:
        _print_exception(error)
        _exit_by_signal(signal.SIGINT)
    except BaseException as error:  # noqa: BLE001 - whatever a trial raises
        _print_exception(error)
        exit_reason.write(*_describe(error))
        return 1
    return 0


def _exit_code(code: object) -> int:
    match code:
        case None:
            return 0
        case int():
            return code & 0xFF
        case _:
            sys.stderr.write(f"{code}\n")
            return 1


def _print_exception(error: BaseException) -> None:
    """Print the traceback as the interpreter would, without the frames of this server."""
    error.__traceback__ = _without_own_frames(error.__traceback__)
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except BaseException:  # noqa: BLE001 - a hook of the trial's own
        traceback.print_exception(error)


def _without_own_frames(trace: TracebackType | None) -> TracebackType | None:
    while trace and (file := trace.tb_frame.f_code.co_filename):
        if file not in _OWN_FILES and os.path.dirname(file) not in _OWN_FILES:
            break
        trace = trace.tb_next
    return trace


def _describe(error: BaseException) -> tuple[str, str]:
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


def _finalize(code: int) -> int:
    """Imitate the exit of the interpreter, and return the exit code.

    Joins threads, runs exit handlers and flushes the output.
    """
    try:
        # An import here would slow down every fork, although few trials use threads.
        if threading := sys.modules.get("threading"):
            threading._shutdown()  # noqa: SLF001 - there is no public name for it
        atexit._run_exitfuncs()  # noqa: SLF001 - nor for this
    except BaseException as error:  # noqa: BLE001 - the trial's own handlers
        traceback.print_exception(error)
    return _flush() or code


def _flush() -> int:
    """Flush the output; return 0, or the interpreter's exit code 120 if flushing fails."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream and not stream.closed:
                stream.flush()
    except (OSError, ValueError):
        return 120
    return 0


def _exit_by_signal(number: int) -> NoReturn:
    _flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(1)
