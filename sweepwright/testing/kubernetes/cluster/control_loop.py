"""The thread in which the cluster decides: changes, timers and requests, one at a time.

Controllers of a real cluster are many processes that watch the API server. Here they share one
thread, so that they need no locks, and what they do has one order. Work on an object is coalesced:
however many changes ask for it, it is done once, after the changes that have arrived.
"""

import threading
import time
from collections.abc import Callable, Hashable
from heapq import heappop, heappush
from itertools import count
from queue import Empty, SimpleQueue
from typing import TypeAlias, TypeVar

Action: TypeAlias = Callable[[], None]
T = TypeVar("T")

_ANSWER_SECONDS = 30.0


class Timer:
    """An action at a later time, which can be cancelled."""

    def __init__(self, action: Action) -> None:
        self._action: Action | None = action

    def cancel(self) -> None:
        """Let the time pass without the action."""
        self._action = None

    def fire(self) -> None:
        """Do the action, unless it was cancelled."""
        if self._action is not None:
            self._action()


class ControlLoop:
    """A thread that does actions in order, at their times, and work once it has no actions."""

    def __init__(self) -> None:
        self._inbox: SimpleQueue[Action] = SimpleQueue()
        self._timers: list[tuple[float, int, Timer]] = []
        self._work: dict[Hashable, Action] = {}
        self._numbers = count()
        self._closing = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="kubernetes-cluster", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the thread; raise the first exception that an action raised."""
        if self._thread.is_alive():
            self.post(self._end)
            self._thread.join()
        if self._failure is not None:
            raise RuntimeError("a controller of the cluster failed") from self._failure

    def post(self, action: Action) -> None:
        """Have an action done soon; any thread may call this."""
        self._inbox.put(action)

    def ask(self, question: Callable[[], T]) -> T:
        """Call a function in the loop's thread; return its value, or raise what it raises."""
        if threading.current_thread() is self._thread:
            return question()
        answers: SimpleQueue[tuple[bool, T | Exception]] = SimpleQueue()

        def answer() -> None:
            try:
                answers.put((True, question()))
            except Exception as error:  # noqa: BLE001 - it is raised in the thread that asked
                answers.put((False, error))

        self.post(answer)
        good, value = answers.get(timeout=_ANSWER_SECONDS)
        if isinstance(value, Exception) and not good:
            raise value
        return value  # type: ignore[return-value]  # it is the function's own value

    def later(self, seconds: float, action: Action) -> Timer:
        """Have an action done after a time; only actions may call this."""
        timer = Timer(action)
        heappush(self._timers, (time.monotonic() + seconds, next(self._numbers), timer))
        return timer

    def enqueue(self, key: Hashable, work: Action) -> None:
        """Have work done once, however often it is asked for until then; only actions may."""
        self._work.setdefault(key, work)

    @property
    def idle(self) -> bool:
        """Whether no action and no work is left, apart from what timers will do."""
        return self._inbox.empty() and not self._work

    def _run(self) -> None:
        while not self._closing:
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001 - `close` raises it
                self._failure = self._failure or error

    def _turn(self) -> None:
        """Do the next action or timer; do work when neither is due."""
        try:
            action = self._inbox.get(timeout=self._seconds_until_due())
        except Empty:
            self._do_due()
            return
        action()

    def _seconds_until_due(self) -> float | None:
        if self._work:
            return 0
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _do_due(self) -> None:
        work, self._work = self._work, {}
        for do in work.values():
            do()
        while self._timers and self._timers[0][0] <= time.monotonic():
            heappop(self._timers)[2].fire()

    def _end(self) -> None:
        self._closing = True
