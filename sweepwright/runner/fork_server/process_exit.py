"""The end of a Python process, as the interpreter itself ends it.

A fresh interpreter frees every object when it ends. This runs finalizers, and writes out what is
left in the buffers of files that were never closed. For a process that was forked after a large
library was imported, the same would take longer than many trials (0.3 s with PyTorch), because
most objects are the library's, and freeing an object copies its page of memory.

So `finalize` takes the steps of CPython (``Py_FinalizeEx`` and ``finalize_modules`` in
``Python/pylifecycle.c``) in their order, but only for the objects that the trial itself has made:

1. wait for threads, run exit handlers, flush stdout and stderr;
2. remove the trial's modules, and collect what only they refer to;
3. clear the dict of each such module that is still alive, in the reverse order of import;
4. clear what the trial has put into the modules `sys` and `builtins`;
5. finalize what the server's modules still refer to, such as a file in a library's registry.

Only trials with objects whose end runs code of Python, or closes files, take every step. Those
without such objects and without libraries in C, whose objects the collector may not know, take
the first step only.

Invariants: `_inherited` holds the modules that were imported before the fork, which are the
server's. The garbage collector knows only objects that were made later, because the others are
frozen; so its cost depends on the trial alone. Where it matters that a page of memory is written
as seldom as possible, loops avoid to touch what was there before the fork: even to look at an
object writes to it, since it counts its references.
"""

from __future__ import annotations

import atexit
import builtins
import ctypes
import gc
import io
import os
import signal
import sys
from collections.abc import Collection, Container, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import takewhile
from types import AsyncGeneratorType, CoroutineType, FunctionType, GeneratorType, ModuleType
from typing import Any, NoReturn
from weakref import ReferenceType, ref

from .leftover_objects import finalize_leftovers
from .tracing import tracing
from .trial_exceptions import hide_own_frames, report_unraisable

_FLUSH_FAILED = 120
"""Exit code of Python if stdout or stderr cannot be flushed."""
_DELETED = ("path", "argv", "ps1", "ps2", "path_hooks", "path_importer_cache", "meta_path")
_LAST_ERROR = ("last_type", "last_value", "last_traceback", "last_exc")
_STREAMS = ("stdin", "stdout", "stderr")
_HOOKS = ("excepthook", "unraisablehook", "displayhook", "breakpointhook")
# The interpreter adds these names to the module `builtins` late, and removes them early.
_LATE_BUILTINS = ("open", "copyright", "credits", "license", "exit", "quit", "help")
_SUSPENDED = (GeneratorType, CoroutineType, AsyncGeneratorType)

_EXTENSIONS = tuple(EXTENSION_SUFFIXES)
_COLLECTED = 1 << 14
"""The flag ``Py_TPFLAGS_HAVE_GC`` of a class."""
_inherited: dict[str, ModuleType] = {}
_inherited_foreign = False
"""Whether a module in C was preloaded, other than those that the server itself imports."""
_inherited_sys: dict[str, Any] = {}
_inherited_builtins: set[str] = set()
_ends: dict[type, str] = {}
"""What happens when an object of a type ends: "code" of Python runs, it "closes", or nothing."""
# Functions of C that are called while this thread holds the GIL, as the interpreter calls them.
_C = ctypes.PyDLL(None)
_exit_of_c, _flush_of_c = _C.exit, _C.fflush


def inherit_modules(of_server: Collection[str]) -> None:
    """Exempt everything that has been imported so far from `finalize` and `leave`.

    `of_server` has the names of the modules that were imported for the server itself.
    """
    for kind in set(map(type, gc.get_objects())):
        _ends[kind] = _examined(kind)
    global _inherited_foreign  # noqa: PLW0603 - a value of the process, like the others
    _inherited.update(sys.modules)
    preloaded = [module for name, module in _inherited.items() if name not in of_server]
    _inherited_foreign = any(map(_is_compiled, preloaded))
    _inherited_sys.update(vars(sys))
    _inherited_builtins.update(vars(builtins))
    if on_exit := getattr(_C, "on_exit", None):
        # Exit handlers of C run in the reverse order of their registration. So those of libraries
        # that the trial loads run first, and then these two, which end the process before those
        # of the libraries that were loaded until now. The latter take 0.2 s with PyTorch.
        on_exit(_C._exit, None)  # noqa: SLF001 - the name in C
        _C["__cxa_atexit"](_flush_of_c, None, None)


def finalize(code: int) -> int:
    """End the trial's own objects as the interpreter would, and return the exit code."""
    _join_threads()
    with suppress(BaseException):  # before Python 3.10, it raises what it has reported
        tracing.call(atexit._run_exitfuncs)  # noqa: SLF001 - there is no public name
    if not _flush():
        code = _FLUSH_FAILED
    objects = gc.get_objects()
    ends = _ends_of(objects)
    if not (ends or _may_hold_unknown_objects(objects)):
        return code
    del objects
    _pretend_to_finalize(ends)
    if ends and gc.isenabled():
        # Everything is still in use, but the collector sorts its list: what refers to an object
        # comes before it. So a buffer that it frees later is written out before its file closes.
        _collect()
    gc.callbacks.clear()  # from here on, the interpreter calls them no more
    _free_modules(forget_inherited="code" in ends)
    _clear_sys()
    if ends:
        finalize_leftovers(_end_of)
    for stream in (sys.stdout, sys.stderr):
        # What finalizers printed; as in the interpreter, an error has no effect any more.
        with suppress(BaseException):
            stream.flush()
    return code


def leave(code: int) -> NoReturn:
    """Run the exit handlers of C, and end the process; a negative code is that of a signal."""
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
        code = 128 - code
    if hasattr(_C, "on_exit"):
        _exit_of_c(code)
    _flush_of_c(None)
    os._exit(code)


def _join_threads() -> None:
    threading = sys.modules.get("threading")
    # What is looked up here saves most trials the call, which writes to forty pages of memory.
    if threading and (len(threading._active) > 1 or _waits_at_exit(threading)):  # noqa: SLF001
        try:
            tracing.call(threading._shutdown)  # noqa: SLF001 - there is no public name
        except BaseException as error:  # noqa: BLE001 - an interrupt, for example
            report_unraisable(error, threading, "on threading shutdown")


def _waits_at_exit(threading: Any) -> bool:
    """Tell whether libraries have exit handlers for their threads, as since Python 3.9."""
    return bool(getattr(threading, "_threading_atexits", ()))


def _pretend_to_finalize(ends: set[str]) -> None:
    """Let code that runs at the end find what it finds while an interpreter finalizes."""
    threading: Any = sys.modules.get("threading")
    if threading and len(threading._active) > 1:  # noqa: SLF001 - there is no public name
        # Daemon threads do not run any more, so they also report no errors.
        threading.excepthook = lambda _: None
    if ends:
        sys.is_finalizing = lambda: True
        hide_own_frames(_inherited_sys)


def _flush() -> bool:
    """Flush stdout and stderr, whatever objects they are; return False if one cannot be."""
    done = True
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name, None)
        if stream is None or _closed(stream):
            continue
        try:
            stream.flush()
        except BaseException as error:  # noqa: BLE001 - the trial's own object
            done = False
            if name == "stdout":
                report_unraisable(error, stream, "on flushing sys.stdout")
    return done


def _closed(stream: Any) -> bool:
    try:
        return bool(stream.closed)
    except BaseException:  # noqa: BLE001 - the trial's own object, which may lack the attribute
        return False


def _ends_of(objects: Sequence[object]) -> set[str]:
    """Return what happens when these objects end."""
    kinds = set(map(type, objects))
    ends = {_end_of(kind) for kind in kinds}
    if ReferenceType in kinds and any(
        thing.__callback__ is not None for thing in objects if type(thing) is ReferenceType
    ):
        ends.add("code")
    return ends - {""}


def _end_of(kind: type) -> str:
    """Return what happens when an object of a type ends."""
    # Only the types of the server are remembered: a reference would keep a type alive.
    return _ends[kind] if kind in _ends else _examined(kind)


def _examined(kind: type) -> str:
    finalizer = next(filter(None, (vars(base).get("__del__") for base in kind.__mro__)), None)
    runs_code = kind in _SUSPENDED or isinstance(finalizer, FunctionType)
    # A file that is implemented in Python is closed by its own method.
    runs_code = runs_code or (issubclass(kind, io.IOBase) and kind.__module__ != "_io")
    return "code" if runs_code else "closes" if finalizer else ""


def _may_hold_unknown_objects(known: Sequence[object]) -> bool:
    """Tell whether there may be objects whose end matters and that the collector does not know."""
    # The collector knows the trial's classes, but not the objects of a class without attributes.
    classes = (thing for thing in known if isinstance(thing, type))
    if not all(kind.__flags__ & _COLLECTED for kind in classes):
        return True
    replaced = any(getattr(sys, n, None) is not getattr(sys, f"__{n}__", None) for n in _STREAMS)
    own = map(sys.modules.get, _own_modules())
    return _inherited_foreign or replaced or any(map(_is_compiled, own))


def _is_compiled(module: ModuleType | None) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.endswith(_EXTENSIONS)


def _free_modules(*, forget_inherited: bool) -> None:
    """Remove the modules of the trial, and free what they refer to."""
    _reset((*_LAST_ERROR, *_DELETED) if forget_inherited else _LAST_ERROR)
    own: Iterator[object] = map(sys.modules.pop, _own_modules())
    alive = [ref(module) for module in own if isinstance(module, ModuleType)]
    if forget_inherited:
        # Finalizers can neither import what is imported already, nor open files. With PyTorch,
        # this takes two milliseconds.
        sys.modules.clear()
        for name in _LATE_BUILTINS:
            vars(builtins).pop(name, None)
    for name in _new_names(vars(builtins), _inherited_builtins):
        delattr(builtins, name)
    _collect()
    left = [module for reference in reversed(alive) if (module := reference())]
    for module in left:
        _clear(module)
    if left:
        del module
        left.clear()
        _collect()


def _reset(names: Sequence[str]) -> None:
    """Set names of `sys` to None, and its streams to the original ones."""
    for name in names:
        if hasattr(sys, name):
            setattr(sys, name, None)
    for name in _STREAMS:
        setattr(sys, name, getattr(sys, f"__{name}__", None))


def _own_modules() -> list[str]:
    """Return the names of the trial's modules, in the order of their import."""
    main = ["__main__"] if "__main__" in sys.modules else []
    modules = sys.modules
    own = takewhile(lambda name: modules[name] is not _inherited.get(name), reversed(modules))
    return main + [name for name in own if name != "__main__"][::-1]


def _new_names(names: dict[str, Any], inherited: Container[str]) -> list[str]:
    """Return the names that were added to a dict since the fork, the last one first."""
    return list(takewhile(lambda name: name not in inherited, reversed(names)))


def _collect() -> None:
    """Collect garbage in all generations, and empty no free lists where that can be avoided."""
    gc.collect(2 if gc.get_objects(2) else 1)


def _clear(module: ModuleType) -> None:
    """Set the names of a module to None, private ones first, as the interpreter does."""
    names = vars(module)
    for name in [name for name in names if name[:1] == "_" and name[1:2] != "_"]:
        names[name] = None
    for name in [name for name in names if name != "__builtins__"]:
        names[name] = None


def _clear_sys() -> None:
    """Remove what the trial has put into the module `sys`, such as hooks."""
    given = _new_names(vars(sys), _inherited_sys)
    given += [name for name in _HOOKS if getattr(sys, name, None) is not _inherited_sys.get(name)]
    if not given:
        return
    with suppress(BaseException):
        sys.stdout.flush()
    # By now the interpreter is silent.
    silent = {**dict.fromkeys(given), "stdout": None, "stderr": None, "unraisablehook": None}
    vars(sys).update(silent)
    _collect()
    vars(sys).update({name: _inherited_sys.get(name) for name in silent})
