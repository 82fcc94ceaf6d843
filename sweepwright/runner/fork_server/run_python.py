"""Execution of Python code in a forked process, with the same effects as in a fresh interpreter.

Code that runs after the fork copies each page of memory that it writes to, so `pathlib` is
avoided.
"""

# ruff: noqa: PTH109, PTH117, PTH120

from __future__ import annotations

import os
import runpy
import signal
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec
from io import open_code
from operator import attrgetter
from types import ModuleType
from typing import Any, NoReturn

from .exit_reasons import ExitReason
from .import_path import put_first
from .process_exit import finalize, leave
from .tracing import tracing
from .trial_exceptions import describe, exit_code, print_uncaught

_RUNPY: Any = runpy
_SEED_FUNCTIONS = {"numpy.random": "seed", "torch": "default_generator.seed"}


def file_main(path: str, arguments: list[str]) -> Callable[[], None]:
    """Prepare to run a file like ``python <path>``; raise `OSError` if it is not readable."""
    with open_code(path) as file:
        source = file.read()
    relative = path[2:] if path.startswith("./") else path
    absolute = path if os.path.isabs(path) else f"{os.getcwd()}/{relative}"
    _set_arguments(path, arguments, [path])
    # Modules are beside the file itself and not beside a link to it.
    put_first(os.path.dirname(os.path.realpath(path)))

    def main() -> None:
        code = compile(source, absolute, "exec", dont_inherit=True)
        names = _main_names(SourceFileLoader("__main__", absolute))
        names.update({"__file__": absolute, "__cached__": None})
        tracing.call(partial(exec, code, names))

    return main


def module_main(name: str, arguments: list[str]) -> Callable[[], None]:
    """Prepare to run a module like ``python -m <name>``; raise `LookupError` if it is missing."""
    _set_arguments(name, arguments, ["-m", name])
    put_first(os.getcwd())

    def main() -> None:
        _main_names(None)
        tracing.call(partial(_RUNPY._run_module_as_main, name))  # noqa: SLF001 - it is `-m`

    try:
        _find_once(name)
    except Exception as error:  # noqa: BLE001 - the trial's own code, which will be run again
        if isinstance(error, _RUNPY._Error) and not _exists(name):  # noqa: SLF001 - as above
            raise LookupError(f"there is no module `{name}`") from None
    return main


def _find_once(name: str) -> None:
    """Find a module, and let `runpy` use it when it looks for the module next."""
    find = _RUNPY._get_module_details  # noqa: SLF001 - a search takes as long as a short trial
    details = find(name, _RUNPY._Error)  # noqa: SLF001 - as above

    def found(*_: object) -> object:
        _RUNPY._get_module_details = find  # noqa: SLF001 - as above
        return details

    _RUNPY._get_module_details = found  # noqa: SLF001 - as above


def run_to_exit(
    main: Callable[[], None], prologue: str | None, exit_reason: ExitReason
) -> NoReturn:
    """Run a prologue and the main code, report an uncaught exception, and end the process."""
    code = 1
    try:
        _reseed()
        code = _outcome(lambda: _run_prologue_and_main(prologue, main), exit_reason)
        code = finalize(code)
    finally:
        leave(code)


def _set_arguments(first: str, arguments: list[str], options: list[str]) -> None:
    sys.argv[:] = [first, *arguments]
    if original := getattr(sys, "orig_argv", None):  # since Python 3.10
        original[:] = [sys.executable, *options, *arguments]


def _main_names(loader: SourceFileLoader | None) -> dict[str, Any]:
    """Make a new module `__main__`, and return its names."""
    module = sys.modules["__main__"] = ModuleType("__main__")
    builtins = sys.modules["builtins"]
    module.__dict__.update(__builtins__=builtins, __loader__=loader, __annotations__={})
    return module.__dict__


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
    """Run the main code, and return the exit code; a negative code is that of a signal."""
    error = _uncaught(main)
    try:
        return _code_of(error, exit_reason) if error else 0
    finally:
        # The exception refers to this frame. Such a cycle would be freed later than by hand, and
        # what it holds in another order.
        del error


def _uncaught(main: Callable[[], None]) -> BaseException | None:
    # A hook or handler that raises must not find the exception still being handled.
    try:
        main()
    except BaseException as error:  # noqa: BLE001 - whatever a trial raises
        return error
    return None


def _code_of(error: BaseException, exit_reason: ExitReason) -> int:
    if isinstance(error, SystemExit):
        return exit_code(error.code)
    code = print_uncaught(error)
    if type(error) is KeyboardInterrupt:
        return -signal.SIGINT
    if code:
        exit_reason.write(*describe(error))
    return code
