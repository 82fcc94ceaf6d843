"""The trial's tracer and profiler, such as a debugger's, which see the code of the trial alone.

CPython ends a process by code of C, which no tracer sees. So a tracer sees of the end only what it
calls of the trial's, such as exit handlers. A frame that has begun before a tracer was set is not
traced, so the functions here do in their own frames what must not be seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


class Tracing:
    """The tracer and the profiler that the trial has set, while they are suspended."""

    def __init__(self) -> None:
        self._tracer: Any = None
        self._profiler: Any = None

    def call(self, function: Callable[[], object]) -> None:
        """Call a function that the tracer may see, or that may set one."""
        try:
            if self._profiler:
                sys.setprofile(self._profiler)
            if self._tracer:
                sys.settrace(self._tracer)
            function()
        finally:
            self._profiler, self._tracer = sys.getprofile(), sys.gettrace()
            sys.setprofile(None)
            sys.settrace(None)


tracing = Tracing()
