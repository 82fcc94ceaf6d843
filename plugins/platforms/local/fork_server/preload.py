"""Importing ahead of time what trials will import."""

import gc
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

TRIAL_API = "sweepwright.trial"


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
