"""A small pool of threads that make blocking calls for the thread that decides."""

import threading
import time
from collections.abc import Callable, Hashable
from queue import Empty, SimpleQueue
from typing import Any

from .notices import Answered

_THREADS = 8


class Calls:
    """Makes calls in the order of their submission, some at the same time."""

    def __init__(self, put: Callable[[Answered], None], threads: int = _THREADS) -> None:
        self._put = put
        self._most = threads
        self._tasks: SimpleQueue[tuple[Hashable, Callable[[], Any]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, key: Hashable, function: Callable[[], Any]) -> None:
        """Call a function soon, and put `Answered` with the key when it has returned."""
        self._tasks.put((key, function))
        if len(self._threads) < self._most:
            thread = threading.Thread(
                target=self._work, name=f"cluster call {len(self._threads)}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    @property
    def pending(self) -> int:
        """Number of calls that have not begun."""
        return self._tasks.qsize()

    def close(self, seconds: float = 5.0) -> None:
        """Drop the calls that have not begun, and wait for those that have, but not for long."""
        try:
            while True:
                self._tasks.get_nowait()
        except Empty:
            pass
        for _ in self._threads:
            self._tasks.put(None)
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            key, function = task
            try:
                answer = Answered(key, function())
            except Exception as error:  # noqa: BLE001 — raised again by `Answered.value`
                answer = Answered(key, error=error)
            self._put(answer)
