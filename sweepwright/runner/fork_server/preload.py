"""Preparation of the root for forking: imports libraries, and makes its memory cheap to copy.

A fork copies one page table entry for each page that the parent has written, and the exit of the
child discards these entries. A process that has imported a large library has tens of thousands of
4 KiB pages, and copying their entries takes longer than many trials. The same memory consists of
only a few dozen 2 MiB pages.
Decision 0006 has the measurements, decision 0012 the reason for `started_runtime`.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import re
import sys
import weakref
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

from .channel import Message
from .process_exit import inherit_modules
from .process_tree import LINUX
from .refusals import refused

TRIAL_API = "sweepwright.trial"
_COMMON = ("argparse", "zlib", "sweepwright.trials")
"""Modules that many trials import, and whose import takes a part of a millisecond or more."""
_RUNTIMES = {
    "TensorFlow's runtime": ("tensorflow.python.eager.context", "_context._initialized"),
    "JAX's backends": ("jax._src.xla_bridge", "_backends"),
    "CUDA": ("torch.cuda", "_initialized"),
}
"""Mapping from each runtime that cannot be forked after its start to its module, and to the
attribute of the module that shows whether the runtime has started."""
_at_start: set[Any] = set()
"""Threads that were there before any import, such as those of a debugger."""


def preload(modules: Sequence[str]) -> Message | None:
    """Import modules; return None, or the refusal if an import fails.

    Also imports the trial API if it is installed, because nearly every trial uses it, and a few
    other modules that many trials import.
    """
    _at_start.update(_threads())
    with suppress(ImportError, OSError):
        for module in (TRIAL_API, *_COMMON):
            import_module(module)
    of_server = set(sys.modules)
    for module in modules:
        try:
            import_module(module)
        except BaseException as error:  # noqa: BLE001, PERF203 - whatever a library raises
            reason = f"{type(error).__name__}: {error}"
            number = error.errno if isinstance(error, OSError) else 0
            return refused(f"`{module}` cannot be imported ahead of trials: {reason}", number or 0)
    sys.stdout.flush()
    # The garbage collector writes to every object that it visits, so each fork would copy the
    # pages of these objects. The collector does not visit frozen objects.
    gc.collect()
    inherit_modules(of_server)
    gc.freeze()
    return None


def started_runtime() -> str | None:
    """Return why the imports have made this process unsafe to fork, or None if it is safe."""
    for started in _started():
        return (
            f"importing ahead of trials has started {started}, which cannot be forked;"
            " give `framework.fork_safe=false`"
        )
    return None


def _started() -> Iterator[str]:
    for runtime, (module, mark) in _RUNTIMES.items():
        if module in sys.modules and _marked(sys.modules[module], mark):
            yield runtime
    # A fork lacks the thread, and whoever hands work to it would wait for ever.
    for thread in _threads() - _at_start:
        yield f"the thread `{thread.name}`"


def _threads() -> set[Any]:
    """Return the threads of Python but the main thread; the module may not be imported."""
    threading = sys.modules.get("threading")
    return set(threading.enumerate()) - {threading.main_thread()} if threading else set()


def _marked(module: object, mark: str) -> bool:
    """Tell whether a library's private attribute is set; a missing attribute counts as unset."""
    try:
        return bool(attrgetter(mark)(module))
    except AttributeError:
        return False


def drop_exit_handlers() -> None:
    """Forget the exit handlers and finalizers that libraries registered in this process.

    These handlers concern this process and not its forks, and can take longer than a whole trial.
    Forks still run the handlers that the trial itself registers, and those by which modules of the
    standard library end what the trial has begun: its loggers, child processes and finalizers.
    """
    atexit._clear()  # noqa: SLF001 - there is no public name
    if logging := sys.modules.get("logging"):
        logging._handlerList.clear()  # noqa: SLF001 - there is no public name
        atexit.register(logging.shutdown)
    if multiprocessing := sys.modules.get("multiprocessing.util"):
        multiprocessing._finalizer_registry.clear()  # noqa: SLF001 - as its forks do
        atexit.register(multiprocessing._exit_function)  # noqa: SLF001 - there is no public name
    if sys.version_info < (3, 9):  # since then, these are no handlers of `atexit`
        for name in ("concurrent.futures.thread", "concurrent.futures.process"):
            if futures := sys.modules.get(name):
                atexit.register(futures._python_exit)  # noqa: SLF001 - as above
    finalizers = weakref.finalize
    finalizers._registry.clear()  # type: ignore[attr-defined]  # noqa: SLF001 - no public name
    finalizers._registered_with_atexit = False  # type: ignore[attr-defined]  # noqa: SLF001 - nor this


_MADV_HUGEPAGE = 14
_MADV_COLLAPSE = 25  # since Linux 6.1; older kernels refuse it and collapse pages later
_HUGE = 1 << 21
_ANONYMOUS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ 00:00 0\s+(\[heap\])?$")


def collapse_memory() -> None:
    """Collapse this process's memory into huge pages, if the system supports this.

    Errors are ignored: if the system refuses, the memory stays as it is.
    """
    if not LINUX:
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    except OSError:
        return
    for start, length in list(_regions(maps)):
        advise(start, length, _MADV_HUGEPAGE)
        advise(start, length, _MADV_COLLAPSE)


def _regions(maps: str) -> Iterator[tuple[int, int]]:
    """Yield start and length of each region of anonymous memory, cut to whole huge pages."""
    for line in maps.splitlines():
        if found := _ANONYMOUS.match(line):
            start = -(-int(found[1], 16) // _HUGE) * _HUGE
            length = int(found[2], 16) // _HUGE * _HUGE - start
            if length > 0:
                yield start, length
