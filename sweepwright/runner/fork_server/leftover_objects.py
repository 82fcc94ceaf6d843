"""The trial's objects that are left at its end, because modules of the server refer to them."""

from __future__ import annotations

import gc
import io
import sys
from _thread import get_ident
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any

from .trial_exceptions import report_unraisable

# Before Python 3.9 nothing tells; then a finalizer may run twice on what it has revived.
_is_finalized: Callable[[object], bool] = getattr(gc, "is_finalized", lambda _: False)


def finalize_leftovers(end_of: Callable[[type], str]) -> None:
    """Finalize what only modules of the server refer to, as if those were freed as well.

    `end_of` says what happens when an object of a type ends; empty for nothing.
    """
    kinds = {kind for kind in set(map(type, gc.get_objects())) if end_of(kind)}
    left = [thing for thing in gc.get_objects() if type(thing) in kinds]
    if left:
        spared = set(_held_by_threads())
        for thing in sorted(left, key=_layer):
            if id(thing) not in spared and not _is_finalized(thing):
                _finalize_object(thing)


def _layer(thing: Any) -> int:
    """Order what writes to a file before the file, and buffers before what they fill."""
    for layer, kind in enumerate((io.RawIOBase, io.BufferedIOBase, io.TextIOBase, io.IOBase)):
        if type(thing).__module__ == "_io" and isinstance(thing, kind):
            return -layer
    return -8 if isinstance(thing, io.IOBase) else -9


def _finalize_object(thing: Any) -> None:
    try:
        if not isinstance(thing, io.IOBase):
            thing.__del__()
        elif not thing.closed:
            with suppress(BaseException):  # as the interpreter does
                thing.close()
    except BaseException as error:  # noqa: BLE001 - the trial's own code
        report_unraisable(error, type(thing).__del__)


def _held_by_threads() -> Iterator[int]:
    """Yield the ids of objects near the frames of other threads, which no interpreter frees.

    A thread may hold the lock of such an object for ever.
    """
    frames = sys._current_frames()  # noqa: SLF001 - there is no public name
    frames.pop(get_ident(), None)
    for top in frames.values():
        near: list[object] = [frame.f_globals for frame in _stack(top)]
        near += [value for frame in _stack(top) for value in frame.f_locals.values()]
        for _ in range(3):
            yield from map(id, near)
            near = gc.get_referents(*near)


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame:
        yield frame
        frame = frame.f_back
