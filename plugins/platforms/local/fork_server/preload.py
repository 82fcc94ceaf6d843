"""Importing ahead of time what trials will import."""

import atexit
import gc
import sys
import weakref
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from operator import attrgetter

TRIAL_API = "sweepwright.trial"
_RUNTIMES = {
    "TensorFlow's runtime": ("tensorflow.python.eager.context", "_context._initialized"),
    "JAX's backends": ("jax._src.xla_bridge", "_backends"),
    "CUDA": ("torch.cuda", "_initialized"),
}
"""What cannot be forked once it has started, and the mark that it has in each module."""


def preload(modules: Sequence[str]) -> str | None:
    """Import modules; return why that fails, or None.

    The trial API is imported too, where it is installed: nearly every trial wants it.
    """
    with suppress(ImportError):
        import_module(TRIAL_API)
    for module in modules:
        try:
            import_module(module)
        except BaseException as error:  # noqa: BLE001 - whatever a library raises
            return (
                f"`{module}` cannot be imported ahead of trials: {type(error).__name__}: {error}"
            )
    sys.stdout.flush()
    # Objects that the collector never visits stay in memory pages that are never copied.
    gc.collect()
    gc.freeze()
    return None


def started_runtime() -> str | None:
    """Return why this process cannot be forked, though it was to be; None if it can."""
    for runtime, (module, mark) in _RUNTIMES.items():
        if module in sys.modules and _marked(sys.modules[module], mark):
            return (
                f"importing ahead of trials has started {runtime}, which cannot be forked;"
                " give `framework.fork_safe=false`"
            )
    return None


def _marked(module: object, mark: str) -> bool:
    """Look at an attribute of a library's own; one that it has no more marks nothing."""
    try:
        return bool(attrgetter(mark)(module))
    except AttributeError:
        return False


def drop_exit_handlers() -> None:
    """Forget what libraries registered for the end of this process, before it is forked.

    It is no business of the forked, and can take longer than all that they do. Handlers that
    a trial registers itself will run, and so will the logging module's.
    """
    atexit._clear()  # noqa: SLF001 - there is no public name
    finalizers = weakref.finalize
    finalizers._registry.clear()  # type: ignore[attr-defined]  # noqa: SLF001 - no public name
    finalizers._registered_with_atexit = False  # type: ignore[attr-defined]  # noqa: SLF001 - nor this
    if logging := sys.modules.get("logging"):
        atexit.register(logging.shutdown)
